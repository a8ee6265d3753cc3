// CompressionStream and DecompressionStream. Source: the Compression standard.
(function (gharial) {
  'use strict';
  gharial.load('transform_streams');
  gharial.load('buffers');
  const { host } = gharial;
  const FORMATS = ['deflate', 'deflate-raw', 'gzip'];
  // More than this is not worked on without a pause: others have their turn in between.
  const PIECE_BYTES = 64 * 1024;

  const pause = () => new Promise((resolve) => { host.setTimer(resolve, 0, false, null); });

  const make = (format, given, isCompression, Class) => {
    gharial.required(1, given, `'${Class.name}' constructor`);
    const name = `${format}`;
    if (!FORMATS.includes(name)) {
      throw new TypeError(
        `${Class.name}: '${name}' is not a format; there are ${FORMATS.join(', ')}`);
    }
    const state = host.zlibMake(name, isCompression);
    // Hands bytes to the host and all that comes of them to the reader.
    const pass = async (bytes, isLast, controller) => {
      for (;;) {
        const [problem, made, hasMore] = host.zlibPush(state, bytes, isLast);
        if (made.byteLength > 0) controller.enqueue(new Uint8Array(made));
        if (problem !== null) throw new TypeError(problem);
        if (!hasMore) return;
        bytes = new Uint8Array();
        await pause();
      }
    };
    return new gharial.TransformStream({
      async transform(chunk, controller) {
        const given = gharial.bytesOf(chunk);
        if (given === undefined) {
          throw new TypeError(`${Class.name}: a chunk is not an ArrayBuffer or a view of one`);
        }
        const bytes = given.slice();
        for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
          if (from > 0) await pause();
          await pass(bytes.subarray(from, from + PIECE_BYTES), false, controller);
        }
      },
      flush(controller) {
        return pass(new Uint8Array(), true, controller);
      },
    });
  };

  class CompressionStream {
    #stream;

    constructor(format) {
      this.#stream = make(format, arguments.length, true, CompressionStream);
    }

    get readable() {
      return this.#stream.readable;
    }

    get writable() {
      return this.#stream.writable;
    }
  }

  class DecompressionStream {
    #stream;

    constructor(format) {
      this.#stream = make(format, arguments.length, false, DecompressionStream);
    }

    get readable() {
      return this.#stream.readable;
    }

    get writable() {
      return this.#stream.writable;
    }
  }

  gharial.expose(CompressionStream);
  gharial.expose(DecompressionStream);
})
