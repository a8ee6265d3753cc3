// Paths into JSON, as `Response.json(selector)` takes them. Leaves in `gharial`: jsonPath.
//
// Source: the syntax of gjson: names, `*` and `?` in them, numbers, `#`; queries,
// modifiers and multipaths are not there.
(function (gharial) {
  'use strict';
  const NOT_THERE = /^#\(|^@|^[[{!]|\|/;

  const split = (path) => {
    const parts = [''];
    for (let index = 0; index < path.length; index++) {
      if (path[index] === '\\' && index + 1 < path.length) parts[parts.length - 1] += path.slice(index, ++index + 1);
      else if (path[index] === '.') parts.push('');
      else parts[parts.length - 1] += path[index];
    }
    return parts;
  };

  const plain = (part) => part.replace(/\\(.)/gs, '$1');

  // A pattern where the part has wildcards, else null.
  const wildcard = (part) => {
    if (!/(^|[^\\])[*?]/.test(part)) return null;
    const source = part.replace(/\\.|[^]/gs, (piece) => {
      if (piece === '*') return '.*';
      if (piece === '?') return '.';
      return plain(piece).replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
    });
    return new RegExp(`^${source}$`, 's');
  };

  const member = (value, part) => {
    if (Array.isArray(value)) return /^\d+$/.test(part) ? value[Number(part)] : undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    const pattern = wildcard(part);
    const name = pattern === null
      ? plain(part) : Object.keys(value).find((key) => pattern.test(key));
    return name !== undefined && Object.hasOwn(value, name) ? value[name] : undefined;
  };

  const select = (value, parts) => {
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index];
      if (NOT_THERE.test(part)) {
        throw new Error(`json(): '${part}' is not supported in a selector; use json() and JavaScript`);
      }
      if (part === '#') {
        if (!Array.isArray(value)) return undefined;
        if (index === parts.length - 1) return value.length;
        const rest = parts.slice(index + 1);
        return value.map((one) => select(one, rest)).filter((one) => one !== undefined);
      }
      value = member(value, part);
      if (value === undefined) return undefined;
    }
    return value;
  };

  // Returns what a path leads to, undefined if that is nothing.
  gharial.jsonPath = (value, path) => select(value, split(path));
})
