// Blob. Leaves in `gharial`: isBlob, blobBytes, makeBlob. Source: File API, section 3.
(function (gharial) {
  'use strict';
  const RAW = {};
  const CHUNK_BYTES = 65536;
  const { host } = gharial;
  gharial.load('buffers');

  const partBytes = (part, nativeEndings) => {
    const bytes = gharial.bytesOf(part);
    if (bytes !== undefined) return bytes;
    if (gharial.isBlob(part)) return gharial.blobBytes(part);
    let text = gharial.toUSVString(part);
    if (nativeEndings) text = text.replace(/\r\n?/g, '\n');
    return new Uint8Array(host.utf8Encode(text));
  };

  const joined = (pieces) => {
    const all = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
    let offset = 0;
    for (const piece of pieces) {
      all.set(piece, offset);
      offset += piece.length;
    }
    return all;
  };

  // A media type with characters outside of printable ASCII counts as none.
  const mediaType = (text) => (/^[ -~]*$/.test(text) ? text.toLowerCase() : '');

  // [Clamp] long long (a half goes to the even number), then relative to the end if negative.
  const position = (value, size, otherwise) => {
    if (value === undefined) return otherwise;
    const number = Math.trunc(+value) || 0;
    return number < 0 ? Math.max(size + number, 0) : Math.min(number, size);
  };

  class Blob {
    #bytes;
    #type;

    constructor(parts = [], options = undefined) {
      if (parts === RAW) {
        [this.#bytes, this.#type] = options;
        return;
      }
      if ((typeof parts !== 'object' && typeof parts !== 'function') || parts === null ||
          typeof parts[Symbol.iterator] !== 'function') {
        throw new TypeError('Blob: the parts are not a sequence');
      }
      if (options !== undefined && options !== null && typeof options !== 'object' &&
          typeof options !== 'function') {
        throw new TypeError('Blob: the options are not an object');
      }
      const { endings = 'transparent', type = '' } = options ?? {};
      if (`${endings}` !== 'transparent' && `${endings}` !== 'native') {
        throw new TypeError(`Blob: '${endings}' is not a kind of line endings`);
      }
      this.#type = mediaType(`${type}`);
      this.#bytes = joined(
        Array.from(parts, (part) => partBytes(part, `${endings}` === 'native')));
    }

    get size() {
      return this.#bytes.length;
    }

    get type() {
      return this.#type;
    }

    slice(start = undefined, end = undefined, contentType = '') {
      const size = this.#bytes.length;
      const from = position(start, size, 0);
      const to = Math.max(position(end, size, size), from);
      // The bytes of a blob never change: a slice may share them.
      return new Blob(RAW, [this.#bytes.subarray(from, to), mediaType(`${contentType}`)]);
    }

    async arrayBuffer() {
      return this.#bytes.slice().buffer;
    }

    async bytes() {
      return this.#bytes.slice();
    }

    async text() {
      return host.utf8Decode(this.#bytes);
    }

    stream() {
      const bytes = this.#bytes;
      gharial.load('byte_streams');
      let offset = 0;
      // In pieces, so that a large blob is not copied at once.
      return gharial.streamCore.createByteStream((controller) => {
        const chunk = bytes.slice(offset, offset + CHUNK_BYTES);
        offset += CHUNK_BYTES;
        if (chunk.length > 0) controller.enqueue(chunk);
        if (offset < bytes.length) return;
        controller.close();
        controller.byobRequest?.respond(0);
      }, () => {});
    }

    static {
      gharial.isBlob = (value) =>
        typeof value === 'object' && value !== null && #bytes in value;
      // The blob's own bytes: to be read only.
      gharial.blobBytes = (blob) => blob.#bytes;
    }
  }

  // Returns a Blob that takes the buffer over.
  gharial.makeBlob = (buffer, type = '') => new Blob(RAW, [new Uint8Array(buffer), type]);
  gharial.Blob = gharial.expose(Blob);
})
