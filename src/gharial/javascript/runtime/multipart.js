// Forms as bodies. Leaves in `gharial`: multipart, parsedForm.
//
// Source: HTML, "multipart/form-data encoding algorithm"; RFC 7578; Fetch, "formData()".
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('form_data');
  gharial.load('mime_types');
  const utf8 = (text) => new Uint8Array(host.utf8Encode(text));
  const CR = 13;
  const LF = 10;

  const lineBreaks = (text) => text.replace(/\r\n?|\n/g, '\r\n');
  const escaped = (text) =>
    text.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');

  // Returns the media type, with a boundary, and the body.
  gharial.multipart = (form) => {
    const boundary = `----formdata-gharial-${host.randomUuid().replaceAll('-', '')}`;
    const parts = [];
    for (const [name, value] of gharial.formEntries(form)) {
      let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(lineBreaks(name))}"`;
      if (typeof value === 'string') {
        parts.push(`${head}\r\n\r\n${lineBreaks(value)}\r\n`);
      } else {
        head += `; filename="${escaped(value.name)}"`;
        parts.push(`${head}\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`);
        parts.push(value, '\r\n');
      }
    }
    parts.push(`--${boundary}--\r\n`);
    const body = new gharial.Blob(parts);
    return [`multipart/form-data; boundary=${boundary}`, gharial.blobBytes(body)];
  };

  const find = (bytes, wanted, start) => {
    const last = bytes.length - wanted.length;
    for (let index = start; index <= last; index += 1) {
      index = bytes.indexOf(wanted[0], index);
      if (index < 0 || index > last) return -1;
      let length = 1;
      while (length < wanted.length && bytes[index + length] === wanted[length]) length += 1;
      if (length === wanted.length) return index;
    }
    return -1;
  };

  const wrong = (why) => new TypeError(`formData: ${why}`);

  const unescaped = (text) =>
    text.replace(/%0A/gi, '\n').replace(/%0D/gi, '\r').replace(/%22/g, '"');

  const quotedValue = (line, name) => {
    const found = new RegExp(`;[\\t ]*${name}="([^"]*)"`, 'i').exec(line);
    return found === null ? null : unescaped(found[1]);
  };

  // Returns what the headers of a part say.
  const readHead = (text) => {
    const head = { name: null, filename: null, type: null };
    for (const line of text.split('\r\n')) {
      const colon = line.indexOf(':');
      const key = line.slice(0, colon).trim().toLowerCase();
      const value = line.slice(colon + 1).trim();
      if (key === 'content-disposition') {
        if (!/^form-data\s*(;|$)/i.test(value)) throw wrong('a part is not form-data');
        head.name = quotedValue(value, 'name');
        head.filename = quotedValue(value, 'filename');
      } else if (key === 'content-type') {
        head.type = value;
      }
    }
    if (head.name === null) throw wrong('a part has no name');
    return head;
  };

  const parseMultipart = (bytes, boundary) => {
    const form = new gharial.FormData();
    const mark = utf8(`--${boundary}`);
    const separator = utf8(`\r\n--${boundary}`);
    const blank = utf8('\r\n\r\n');
    if (find(bytes.subarray(0, mark.length), mark, 0) !== 0) {
      throw wrong('the body does not begin with its boundary');
    }
    let index = mark.length;
    while (bytes[index] === CR && bytes[index + 1] === LF) {
      const headStart = index + 2;
      const headEnd = find(bytes, blank, index);
      if (headEnd < 0) throw wrong('a part has no end of its headers');
      const head = readHead(host.utf8Decode(bytes.slice(headStart, Math.max(headStart, headEnd))));
      const start = headEnd + 4;
      // An empty part ends where it begins.
      const end = find(bytes, separator, start - 2);
      if (end < 0) throw wrong('the body ends within a part');
      const content = bytes.slice(start, Math.max(start, end));
      if (head.filename === null) {
        form.append(head.name, host.utf8Decode(content));
      } else {
        const type = head.type ?? 'text/plain';
        form.append(head.name, new gharial.File([content], head.filename, { type }));
      }
      index = end + separator.length;
    }
    if (bytes[index] !== 45 || bytes[index + 1] !== 45) throw wrong('the body has no end');
    return form;
  };

  // Returns the form that a body of this type is.
  gharial.parsedForm = (bytes, contentTypes) => {
    const type = gharial.mimeTypeOf(contentTypes);
    if (type?.essence === 'multipart/form-data') {
      const boundary = type.parameters.get('boundary');
      if (boundary === undefined) throw wrong('the Content-Type has no boundary');
      return parseMultipart(bytes, boundary);
    }
    if (type?.essence === 'application/x-www-form-urlencoded') {
      const form = new gharial.FormData();
      gharial.load('url');
      const pairs = new gharial.URLSearchParams(host.utf8Decode(bytes));
      for (const [name, value] of pairs) form.append(name, value);
      return form;
    }
    throw wrong('the body is not a form, by its Content-Type');
  };
})
