// TextDecoderStream and TextEncoderStream. Source: the Encoding standard, section 7.
(function (gharial) {
  'use strict';
  gharial.load('transform_streams');
  gharial.load('encoding');
  // The globals may be a script's own, or not be there.
  const { textCoders } = gharial;

  class TextDecoderStream {
    #decoder;
    #stream;

    constructor(label = 'utf-8', options = undefined) {
      const decoder = (this.#decoder = new textCoders.TextDecoder(label, options));
      this.#stream = new gharial.TransformStream({
        transform(chunk, controller) {
          const text = decoder.decode(
            chunk === undefined ? null : chunk, { stream: true });
          if (text !== '') controller.enqueue(text);
        },
        flush(controller) {
          const text = decoder.decode();
          if (text !== '') controller.enqueue(text);
        },
      });
    }

    get encoding() {
      return this.#decoder.encoding;
    }

    get fatal() {
      return this.#decoder.fatal;
    }

    get ignoreBOM() {
      return this.#decoder.ignoreBOM;
    }

    get readable() {
      return this.#stream.readable;
    }

    get writable() {
      return this.#stream.writable;
    }
  }

  class TextEncoderStream {
    #stream;

    constructor() {
      const encoder = new textCoders.TextEncoder();
      // The first half of a character whose second half is in the next chunk.
      let half = '';
      this.#stream = new gharial.TransformStream({
        transform(chunk, controller) {
          let text = half + `${chunk}`;
          half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
          if (half !== '') text = text.slice(0, -1);
          if (text !== '') controller.enqueue(encoder.encode(text));
        },
        flush(controller) {
          if (half !== '') controller.enqueue(encoder.encode(half));
        },
      });
    }

    get encoding() {
      return this.#stream && 'utf-8';
    }

    get readable() {
      return this.#stream.readable;
    }

    get writable() {
      return this.#stream.writable;
    }
  }

  gharial.expose(TextDecoderStream);
  gharial.expose(TextEncoderStream);
})
