// The arguments of WebSocket's constructor behind the URL.
//
// Leaves in `gharial`: protocolList, readParams.
(function (gharial) {
  'use strict';

  // Parameters that the other side reads.
  const OPENING = ['compression', 'tls', 'proxy', 'localAddress', 'limits', 'redirects', 'lens'];

  gharial.protocolList = (protocols) => {
    if (protocols === undefined || protocols === null) return [];
    if (typeof protocols === 'object' && Symbol.iterator in protocols) {
      return Array.from(protocols, (protocol) => `${protocol}`);
    }
    return [`${protocols}`];
  };

  // k6 takes every own enumerable key, and refuses those that it does not know.
  gharial.readParams = (params) => {
    if (params === undefined || params === null) return null;
    if (typeof params !== 'object') {
      throw new TypeError("WebSocket's third argument must be an object of parameters");
    }
    const read = {};
    for (const key of Object.keys(params)) {
      const value = params[key];
      if (key === 'headers') {
        read.headers = Object.entries(value ?? {}).map(([name, text]) => [name, `${text}`]);
      } else if (key === 'tags') {
        read.tags = {};
        for (const [name, tag] of Object.entries(value ?? {})) {
          if (!['string', 'number', 'boolean'].includes(typeof tag)) {
            throw new TypeError(
              `invalid WebSocket tags option: "${name}" must be a string, a number or a boolean`);
          }
          read.tags[name] = `${tag}`;
        }
      } else if (OPENING.includes(key)) {
        // k6 refuses even null and undefined here.
        if (key === 'compression' && typeof value !== 'object' && `${value}`.trim() !== 'deflate') {
          throw new TypeError(
            `unsupported compression algorithm '${value}', supported algorithm is 'deflate'`);
        }
        (read.opening ??= {})[key] = value;
      } else if (key === 'jar') {
        // Anything that is no jar is ignored, as in k6.
      } else {
        throw new TypeError(
          `unknown WebSocket's option "${key}"; known are headers, tags, jar, ${OPENING.join(', ')}`);
      }
    }
    return read;
  };
})
