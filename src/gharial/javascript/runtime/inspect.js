// How a value looks in a line of the log.
//
// Leaves in `gharial`: inspect, format. Source: k6-like (`{ a: 1, b: "x" }`), the
// placeholders as in the Console standard, section 2.2.
(function (gharial) {
  'use strict';
  const MAX_DEPTH = 5;
  const MAX_ITEMS = 100;
  const MAX_BYTES = 50;
  const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

  const quoted = (text) => JSON.stringify(text);

  const keyText = (key) => {
    if (typeof key === 'symbol') return `[${String(key)}]`;
    return IDENTIFIER.test(key) ? key : quoted(key);
  };

  const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);

  // The name of the value's class, if it is worth showing.
  const className = (value) => {
    try {
      const prototype = Object.getPrototypeOf(value);
      if (prototype === null) return '[Object: null prototype]';
      const constructor = prototype.constructor;
      const name = typeof constructor === 'function' ? constructor.name : '';
      return name === 'Object' || name === 'Array' ? '' : name;
    } catch {
      return '';
    }
  };

  const errorText = (error, path) => {
    let stack = typeof error.stack === 'string' ? error.stack.trimEnd() : '';
    // Those of our runtime say nothing about the script.
    stack = stack.split('\n').filter((line) => !line.includes(' (gharial:')).join('\n');
    let text = String(error);
    if (stack !== '') text += `\n${stack}`;
    if (error.cause !== undefined) text += `\n[cause]: ${inspect(error.cause, path)}`;
    if (Array.isArray(error.errors)) text += `\n[errors]: ${inspect(error.errors, path)}`;
    return text;
  };

  const bytesText = (value) => {
    const bytes = new Uint8Array(value);
    const shown = Array.from(bytes.subarray(0, MAX_BYTES), (byte) =>
      byte.toString(16).padStart(2, '0'));
    if (bytes.length > MAX_BYTES) shown.push(`... ${bytes.length - MAX_BYTES} more`);
    return `${tagOf(value)} { [Uint8Contents]: <${shown.join(' ')}>, ` +
      `byteLength: ${bytes.length} }`;
  };

  const joined = (parts, open, close, total) => {
    if (total > parts.length) parts.push(`... ${total - parts.length} more`);
    if (parts.length === 0) return open + close;
    const space = open.endsWith('{') ? ' ' : '';
    return `${open}${space}${parts.join(', ')}${space}${close}`;
  };

  const itemsOf = (iterable, show) => {
    const parts = [];
    for (const item of iterable) {
      if (parts.length === MAX_ITEMS) break;
      parts.push(show(item));
    }
    return parts;
  };

  const memberText = (object, key, path) => {
    const { get, set, value } = Object.getOwnPropertyDescriptor(object, key) ?? {};
    if (get !== undefined) return set === undefined ? '[Getter]' : '[Getter/Setter]';
    return set === undefined ? inspect(value, path) : '[Setter]';
  };

  const objectText = (object, path) => {
    let name = className(object);
    let keys = Object.keys(object);
    const isEvent = gharial.Event !== undefined && object instanceof gharial.Event;
    let members;
    if (isEvent) {
      // Events and the like keep everything in accessors of their prototypes.
      keys = ['type', 'data', 'code', 'reason', 'wasClean', 'message', 'error', 'detail']
        .filter((key) => key in object);
      members = keys.map((key) => `${key}: ${inspect(object[key], path)}`);
    } else {
      members = keys.slice(0, MAX_ITEMS)
        .map((key) => `${keyText(key)}: ${memberText(object, key, path)}`);
    }
    if (name !== '') name += ' ';
    return joined(members, `${name}{`, '}', keys.length);
  };

  const functionText = (value) => {
    const isClass = /^class\b/.test(Function.prototype.toString.call(value));
    if (isClass) return `[class ${value.name || '(anonymous)'}]`;
    return value.name ? `[Function: ${value.name}]` : '[Function (anonymous)]';
  };

  const primitiveText = (value) => {
    if (typeof value === 'string') return quoted(value);
    if (typeof value === 'bigint') return `${value}n`;
    return Object.is(value, -0) ? '-0' : String(value);
  };

  const structureText = (value, path) => {
    if (Array.isArray(value)) {
      const parts = itemsOf(value, (item) => inspect(item, path));
      return joined(parts, '[', ']', value.length);
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const parts = itemsOf(value, (item) => inspect(item, path));
      return joined(parts, `${tagOf(value)}(${value.length}) [`, ']', value.length);
    }
    switch (tagOf(value)) {
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        return bytesText(value);
      case 'DataView':
        return bytesText(
          value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
      case 'Map': {
        const parts = itemsOf(value, ([key, item]) =>
          `${inspect(key, path)} => ${inspect(item, path)}`);
        return joined(parts, `Map(${value.size}) {`, '}', value.size);
      }
      case 'Set': {
        const parts = itemsOf(value, (item) => inspect(item, path));
        return joined(parts, `Set(${value.size}) {`, '}', value.size);
      }
      case 'Promise':
        return 'Promise {}';
      case 'Blob':
        return `Blob { size: ${value.size}, type: ${quoted(value.type)} }`;
      default:
        return objectText(value, path);
    }
  };

  // Returns one line (errors: more) of text. `path` holds the objects that are being
  // shown around this one.
  const inspect = (value, path = []) => {
    if (typeof value === 'function') return functionText(value);
    if (typeof value !== 'object' || value === null) return primitiveText(value);
    if (path.includes(value)) return '[Circular]';
    try {
      if (value instanceof Error) return errorText(value, [...path, value]);
      if (value instanceof Date) {
        return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
      }
      if (value instanceof RegExp) return String(value);
      if (value instanceof Number || value instanceof String ||
          value instanceof Boolean) {
        return `[${tagOf(value)}: ${primitiveText(value.valueOf())}]`;
      }
      if (path.length >= MAX_DEPTH) {
        return Array.isArray(value) ? '[Array]' : `[${className(value) || 'Object'}]`;
      }
      return structureText(value, [...path, value]);
    } catch (error) {
      // A getter or a proxy of the script's threw; the log goes on.
      return `[${tagOf({})}: could not be shown]`;
    }
  };

  const argumentText = (value) => (typeof value === 'string' ? value : inspect(value));

  const asNumber = (value, parse) =>
    typeof value === 'symbol' ? 'NaN' : String(parse(value));

  const placeholders = {
    s: (value) => argumentText(value),
    d: (value) => (typeof value === 'bigint' ? `${value}n` : asNumber(value, parseInt)),
    i: (value) => (typeof value === 'bigint' ? `${value}n` : asNumber(value, parseInt)),
    f: (value) => asNumber(value, parseFloat),
    j: (value) => JSON.stringify(value) ?? 'undefined',
    o: (value) => inspect(value),
    O: (value) => inspect(value),
    c: () => '',
  };

  // Returns the text of a console call's arguments.
  gharial.format = (values) => {
    let [first, ...rest] = values;
    if (typeof first === 'string' && rest.length > 0 && first.includes('%')) {
      let used = 0;
      first = first.replace(/%([sdifjoOc%])/g, (whole, letter) => {
        if (letter === '%') return '%';
        return used < rest.length ? placeholders[letter](rest[used++]) : whole;
      });
      rest = rest.slice(used);
    }
    return (values.length === 0 ? [] : [first, ...rest]).map(argumentText).join(' ');
  };
  gharial.inspect = inspect;
})
