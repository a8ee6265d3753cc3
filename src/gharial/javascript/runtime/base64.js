// atob and btoa. Source: HTML, section 8.3; Infra, section 7 (forgiving base64).
(function (gharial) {
  'use strict';
  const CHUNK = 8192;
  const { fromBase64 } = Uint8Array;
  const { toBase64 } = Uint8Array.prototype;

  const { atob } = {
    atob(data) {
      gharial.required(1, arguments.length, "'atob'");
      let bytes;
      try {
        // The engine's loose mode is what the standard calls forgiving.
        bytes = fromBase64.call(Uint8Array, `${data}`);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw gharial.domException(
          'The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
      }
      let text = '';
      for (let start = 0; start < bytes.length; start += CHUNK) {
        text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
      }
      return text;
    },
  };
  gharial.define('atob', atob);

  const { btoa } = {
    btoa(data) {
      gharial.required(1, arguments.length, "'btoa'");
      const text = `${data}`;
      const bytes = new Uint8Array(text.length);
      for (let index = 0; index < text.length; index++) {
        const code = text.charCodeAt(index);
        if (code > 255) {
          throw gharial.domException(
            'The string has characters outside of the Latin1 range.',
            'InvalidCharacterError');
        }
        bytes[index] = code;
      }
      return toBase64.call(bytes);
    },
  };
  gharial.define('btoa', btoa);
})
