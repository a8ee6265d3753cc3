// What names, values and methods HTTP allows, and what a script may not set.
//
// Leaves in `gharial`: isHttpToken, headerValue, isForbiddenHeader, httpMethod. Source: the
// Fetch standard, sections 2.2.1 and 2.2.2.
(function (gharial) {
  'use strict';
  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  const NORMALISED = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT']);
  const FORBIDDEN_METHODS = new Set(['CONNECT', 'TRACE', 'TRACK']);
  const FORBIDDEN_HEADERS = new Set([
    'accept-charset', 'accept-encoding', 'access-control-request-headers',
    'access-control-request-method', 'connection', 'content-length', 'cookie', 'cookie2',
    'date', 'dnt', 'expect', 'host', 'keep-alive', 'origin', 'referer', 'set-cookie', 'te',
    'trailer', 'transfer-encoding', 'upgrade', 'via',
  ]);
  const METHOD_HEADERS = new Set([
    'x-http-method', 'x-http-method-override', 'x-method-override',
  ]);

  gharial.isHttpToken = (text) => TOKEN.test(text);

  // Returns a value without the whitespace around it, or what is wrong with it.
  gharial.headerValue = (text) => {
    const value = text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
    if (/[\0\r\n]/.test(value)) return { problem: 'a value must be one line' };
    // A ByteString of Web IDL.
    if (/[^\0-\xff]/.test(value)) {
      return { problem: 'a value may have no characters beyond U+00FF' };
    }
    return { value };
  };

  // Returns whether browsers keep a header for themselves.
  gharial.isForbiddenHeader = (name, value) => {
    const lower = name.toLowerCase();
    if (FORBIDDEN_HEADERS.has(lower) || /^(proxy|sec)-/.test(lower)) return true;
    return METHOD_HEADERS.has(lower)
      && value.split(',').some((each) => FORBIDDEN_METHODS.has(each.trim().toUpperCase()));
  };

  // Returns a method as it is sent; `isForbidden` if it must not be, null for no method.
  gharial.httpMethod = (text) => {
    if (!TOKEN.test(text)) return null;
    const upper = text.toUpperCase();
    return {
      method: NORMALISED.has(upper) ? upper : text, isForbidden: FORBIDDEN_METHODS.has(upper),
    };
  };
})
