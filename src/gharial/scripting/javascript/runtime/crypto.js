// crypto.getRandomValues and crypto.randomUUID. Source: Web Cryptography, section 10.
(function (gharial) {
  'use strict';
  const KEY = {};
  const MAX_BYTES = 65536;
  const INTEGER_ARRAYS = new Set([
    'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
    'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array',
  ]);
  const typeName = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

  class Crypto {
    #isCrypto;

    constructor(key) {
      if (key !== KEY) throw new TypeError('Illegal constructor');
      this.#isCrypto = true;
    }

    getRandomValues(array) {
      if (!this.#isCrypto) return undefined;
      gharial.required(1, arguments.length, "'getRandomValues' on 'Crypto'");
      if (!ArrayBuffer.isView(array)) {
        throw new TypeError('getRandomValues: the argument is not a typed array');
      }
      // Undefined for a DataView.
      if (!INTEGER_ARRAYS.has(typeName.call(array))) {
        throw gharial.domException(
          'getRandomValues takes typed arrays of integers.', 'TypeMismatchError');
      }
      if (array.byteLength > MAX_BYTES) {
        throw gharial.domException(
          `getRandomValues gives at most ${MAX_BYTES} bytes, not ${array.byteLength}.`,
          'QuotaExceededError');
      }
      if (array.byteLength > 0) {
        const bytes = gharial.host.randomBytes(array.byteLength);
        new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
          .set(new Uint8Array(bytes));
      }
      return array;
    }

    randomUUID() {
      return this.#isCrypto && gharial.host.randomUuid();
    }
  }

  gharial.expose(Crypto, false);
  gharial.define('crypto', new Crypto(KEY));
})
