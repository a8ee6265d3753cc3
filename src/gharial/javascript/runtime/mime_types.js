// Media types, taken apart and put together again.
//
// Leaves in `gharial`: parseMimeType, mimeTypeText, mimeTypeOf. Source: the MIME Sniffing
// standard, sections 4.4 and 4.5; Fetch, "extract a MIME type".
(function (gharial) {
  'use strict';
  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  const SPACE = /^[\t\n\r ]+|[\t\n\r ]+$/g;
  const SPACE_BEHIND = /[\t\n\r ]+$/;

  // Reads a string in quotes that begins at an index; returns it and the index behind it.
  const quoted = (text, start) => {
    let value = '';
    let index = start + 1;
    for (; index < text.length && text[index] !== '"'; index += 1) {
      if (text[index] === '\\' && index + 1 < text.length) index += 1;
      value += text[index];
    }
    return [value, index + 1];
  };

  const skipTo = (text, index, characters) => {
    let at = index;
    while (at < text.length && !characters.includes(text[at])) at += 1;
    return at;
  };

  const parameters = (text) => {
    const found = new Map();
    // Always at a semicolon.
    let index = 0;
    while (index < text.length) {
      const rest = /^[\t\n\r ]*/.exec(text.slice(index + 1))[0].length;
      const nameStart = index + 1 + rest;
      index = skipTo(text, nameStart, ';=');
      const name = text.slice(nameStart, index).toLowerCase();
      if (text[index] !== '=') continue;
      let value;
      if (text[index + 1] === '"') {
        [value, index] = quoted(text, index + 1);
        index = skipTo(text, index, ';');
      } else {
        const valueStart = index + 1;
        index = skipTo(text, valueStart, ';');
        value = text.slice(valueStart, index).replace(SPACE_BEHIND, '');
        if (value === '') continue;
      }
      if (TOKEN.test(name) && /^[\t -~\x80-\xff]*$/.test(value) && !found.has(name)) {
        found.set(name, value);
      }
    }
    return found;
  };

  // Returns the essence and the parameters of a media type; null if it is none.
  gharial.parseMimeType = (text) => {
    const trimmed = text.replace(SPACE, '');
    const end = skipTo(trimmed, 0, ';');
    const essence = trimmed.slice(0, end).replace(SPACE_BEHIND, '');
    const slash = essence.indexOf('/');
    if (slash < 0 || !TOKEN.test(essence.slice(0, slash)) || !TOKEN.test(essence.slice(slash + 1))) {
      return null;
    }
    return { essence: essence.toLowerCase(), parameters: parameters(trimmed.slice(end)) };
  };

  gharial.mimeTypeText = ({ essence, parameters: given }) => {
    let text = essence;
    for (const [name, value] of given) {
      text += TOKEN.test(value) ? `;${name}=${value}`
        : `;${name}="${value.replace(/["\\]/g, '\\$&')}"`;
    }
    return text;
  };

  // Returns the media type that the values of the headers Content-Type give; null for none.
  gharial.mimeTypeOf = (values) => {
    let found = null;
    let charset;
    for (const text of values.join(',').match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? []) {
      const type = gharial.parseMimeType(text);
      if (type === null || type.essence === '*/*') continue;
      if (type.essence !== found?.essence) charset = type.parameters.get('charset');
      else if (type.parameters.has('charset')) charset = type.parameters.get('charset');
      else if (charset !== undefined) type.parameters.set('charset', charset);
      found = type;
    }
    return found;
  };
})
