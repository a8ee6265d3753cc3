// What can be the body of a request or a response.
//
// Leaves in `gharial`: extractBody. Source: the Fetch standard, section 5.2 (bodies).
(function (gharial) {
  'use strict';
  const named = (body, name) => Object.prototype.toString.call(body) === `[object ${name}]`;

  // Returns the media type that a body has by itself, and its bytes or text; a stream as it is.
  gharial.extractBody = (body) => {
    if (body === undefined || body === null) return [null, null];
    if (typeof body === 'object') {
      gharial.load('buffers');
      const bytes = gharial.bytesOf(body);
      if (bytes !== undefined) return [null, bytes.slice().buffer];
      gharial.load('blob');
      if (gharial.isBlob(body)) return [body.type || null, gharial.blobBytes(body)];
      if (named(body, 'URLSearchParams')) {
        return ['application/x-www-form-urlencoded;charset=UTF-8', `${body}`];
      }
      if (gharial.isFormData?.(body)) {
        gharial.load('multipart');
        return gharial.multipart(body);
      }
      if (named(body, 'ReadableStream')) return [null, body];
    }
    return ['text/plain;charset=UTF-8', gharial.toUSVString(body)];
  };
})
