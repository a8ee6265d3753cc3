// What names, values and methods HTTP allows.
//
// Leaves in `gharial`: isHttpToken, headerValue, httpMethod. Source: the Fetch standard,
// sections 2.2.1 and 2.2.2.
(function (gharial) {
  'use strict';
  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  const NORMALISED = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
  const FORBIDDEN_METHODS = ['CONNECT', 'TRACE', 'TRACK'];

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

  // Returns a method as it is sent; `isForbidden` if it must not be, null for no method.
  gharial.httpMethod = (text) => {
    if (!TOKEN.test(text)) return null;
    const upper = text.toUpperCase();
    return {
      method: NORMALISED.includes(upper) ? upper : text, isForbidden: FORBIDDEN_METHODS.includes(upper),
    };
  };
})
