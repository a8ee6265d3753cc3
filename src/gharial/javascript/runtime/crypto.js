// crypto: random values; `subtle` is loaded when it is first touched.
//
// Source: Web Cryptography, section 10.
(function (gharial) {
  'use strict';
  const KEY = {};
  gharial.load('buffers');
  const MAX_BYTES = 65536;
  const INTEGER_ARRAYS = new Set([
    'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
    'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array',
  ]);
  const typeName = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

  class Crypto {
    #isCrypto;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      this.#isCrypto = true;
    }

    get subtle() {
      if (!this.#isCrypto) return undefined;
      gharial.load('subtle_crypto');
      return gharial.subtle;
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
      const shown = gharial.bytesOf(array);
      if (shown.length > MAX_BYTES) {
        throw gharial.domException(
          `getRandomValues gives at most ${MAX_BYTES} bytes, not ${shown.length}.`,
          'QuotaExceededError');
      }
      if (shown.length > 0) shown.set(new Uint8Array(gharial.host.randomBytes(shown.length)));
      return array;
    }

    randomUUID() {
      return this.#isCrypto && gharial.host.randomUuid();
    }
  }

  gharial.expose(Crypto);
  gharial.define('crypto', new Crypto(KEY));
})
