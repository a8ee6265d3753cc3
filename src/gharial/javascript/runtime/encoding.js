// TextEncoder and TextDecoder on the host's codecs. Leaves in `gharial`: textCoders.
//
// Source: the Encoding standard.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('buffers');

  class TextEncoder {
    #isEncoder = true;

    get encoding() {
      return this.#isEncoder && 'utf-8';
    }

    encode(input = '') {
      if (!this.#isEncoder) return undefined;
      return new Uint8Array(host.utf8Encode(gharial.toUSVString(input)));
    }

    encodeInto(source, destination) {
      if (!this.#isEncoder) return undefined;
      gharial.required(2, arguments.length, "'encodeInto' on 'TextEncoder'");
      const text = gharial.toUSVString(source);
      if (!(destination instanceof Uint8Array)) {
        throw new TypeError('encodeInto: the destination is not a Uint8Array');
      }
      const space = gharial.bytesOf(destination, true).length;
      let read = 0;
      let written = 0;
      for (const character of text) {
        const code = character.codePointAt(0);
        const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (written + size > space) break;
        read += character.length;
        written += size;
      }
      if (written > 0) destination.set(new Uint8Array(host.utf8Encode(text.slice(0, read))));
      return { read, written };
    }
  }

  class TextDecoder {
    #encoding;
    #fatal;
    #ignoreBOM;
    // What the host's codec keeps from one piece of a stream to the next.
    #state = null;

    constructor(label = 'utf-8', options = undefined) {
      const text = `${label}`;
      this.#encoding = host.encodingName(gharial.toUSVString(text));
      if (this.#encoding === null) {
        throw new RangeError(`TextDecoder: the encoding '${text}' is not supported`);
      }
      this.#fatal = !!options?.fatal;
      this.#ignoreBOM = !!options?.ignoreBOM;
    }

    get encoding() {
      return this.#encoding;
    }

    get fatal() {
      return this.#fatal;
    }

    get ignoreBOM() {
      return this.#ignoreBOM;
    }

    decode(input = undefined, options = undefined) {
      const bytes = input === undefined ? new Uint8Array() : gharial.bytesOf(input, true);
      if (bytes === undefined) {
        throw new TypeError('decode: the argument is not an ArrayBuffer or a view');
      }
      const isFinal = !options?.stream;
      const decoded = host.decode(
        this.#encoding, bytes, this.#state, isFinal, this.#fatal, this.#ignoreBOM);
      if (decoded === null) {
        this.#state = null;
        throw new TypeError(`decode: the data is not valid ${this.#encoding}`);
      }
      this.#state = isFinal ? null : decoded[1];
      return decoded[0];
    }
  }

  gharial.expose(TextEncoder);
  gharial.expose(TextDecoder);
  gharial.textCoders = { TextDecoder, TextEncoder };
})
