// crypto.subtle and CryptoKey: the arguments are read here, the host does the rest.
//
// Leaves in `gharial`: isCryptoKey, copyCryptoKey, settleSubtle, subtle, CryptoKey. Source: Web
// Cryptography, sections "CryptoKey interface" and "SubtleCrypto interface".
(function (gharial) {
  'use strict';
  const KEY = {};
  const { host } = gharial;
  const FORMATS = ['raw', 'spki', 'pkcs8', 'jwk'];
  const USAGES = [
    'encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey',
  ];
  // Members of the dictionary JsonWebKey, by how they are converted.
  const JWK_TEXTS = [
    'alg', 'crv', 'd', 'dp', 'dq', 'e', 'k', 'kty', 'n', 'p', 'q', 'qi', 'use', 'x', 'y',
  ];
  const isObject = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';
  let handleOf;

  class CryptoKey {
    // What the host knows it by.
    #handle;
    #described;
    #algorithm;
    #usages;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      this.#described = JSON.parse(made[1]);
      this.#handle = made[2];
    }

    get type() {
      return this.#described.type;
    }

    get extractable() {
      return this.#described.extractable;
    }

    get algorithm() {
      if (this.#algorithm === undefined) {
        const algorithm = (this.#algorithm = { ...this.#described.algorithm });
        if ('publicExponent' in algorithm) {
          algorithm.publicExponent = Uint8Array.from(algorithm.publicExponent);
        }
      }
      return this.#algorithm;
    }

    get usages() {
      return (this.#usages ??= [...this.#described.usages]);
    }

    static {
      handleOf = (key) => key.#handle;
      gharial.isCryptoKey = (value) =>
        typeof value === 'object' && value !== null && #handle in value;
      // For structuredClone: a key of its own that stands for the same.
      gharial.copyCryptoKey = (key) =>
        new CryptoKey(KEY, JSON.stringify(key.#described), key.#handle);
    }
  }

  gharial.CryptoKey = gharial.expose(CryptoKey);
  gharial.load('subtle_algorithms');
  const { normalizeAlgorithm } = gharial;

  // -- The host -----------------------------------------------------------------------

  const pending = new Map();
  let lastNumber = 0;

  const madeKey = ([described, handle]) => new CryptoKey(KEY, described, handle);

  const settle = ([problem, value], convert, resolve, reject) => {
    if (problem === 'TypeError') reject(new TypeError(value));
    else if (problem !== null) reject(gharial.domException(value, problem));
    else resolve(convert(value));
  };

  gharial.settleSubtle = (number, outcome) => {
    const waiting = pending.get(number);
    pending.delete(number);
    settle(outcome, ...waiting);
  };

  // Returns a promise of what the host makes of the arguments.
  const run = (operation, args, convert = (value) => value) =>
    new Promise((resolve, reject) => {
      const things = [];
      const text = JSON.stringify(args, (_, value) => {
        if (value instanceof Uint8Array) return { $bytes: things.push(value) - 1 };
        if (gharial.isCryptoKey(value)) return { $key: things.push(handleOf(value)) - 1 };
        return value;
      });
      const number = ++lastNumber;
      const outcome = host.subtleRun(number, operation, text, things);
      if (outcome === null) pending.set(number, [convert, resolve, reject]);
      else settle(outcome, convert, resolve, reject);
    });

  // -- Arguments ----------------------------------------------------------------------

  const checkedKey = (value) => {
    if (!gharial.isCryptoKey(value)) throw new TypeError('the key is not a CryptoKey');
    return value;
  };

  const checkedFormat = (value) => {
    const format = `${value}`;
    if (!FORMATS.includes(format)) {
      throw new TypeError(`'${format}' is not a format of keys; there are ${FORMATS.join(', ')}`);
    }
    return format;
  };

  // In the standard's order, each once.
  const checkedUsages = (values) => {
    if (!isObject(values) || typeof values[Symbol.iterator] !== 'function') {
      throw new TypeError('the usages of a key must be an array');
    }
    const given = Array.from(values, String);
    const wrong = given.find((usage) => !USAGES.includes(usage));
    if (wrong !== undefined) {
      throw new TypeError(`'${wrong}' is not a usage of keys; there are ${USAGES.join(', ')}`);
    }
    return USAGES.filter((usage) => given.includes(usage));
  };

  const checkedBytes = (value) => {
    const bytes = gharial.bytesOf(value);
    if (bytes === undefined) throw new TypeError('the data is not an ArrayBuffer or a view of one');
    return bytes.slice();
  };

  const checkedJwk = (value) => {
    const jwk = {};
    for (const name of JWK_TEXTS) {
      if (value[name] !== undefined) jwk[name] = gharial.toUSVString(value[name]);
    }
    if (value.ext !== undefined) jwk.ext = !!value.ext;
    if (value.key_ops !== undefined) jwk.key_ops = Array.from(value.key_ops, String);
    if (value.oth !== undefined) jwk.oth = [];
    return jwk;
  };

  const checkedKeyData = (format, value) => {
    const isBuffer = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
    if (format !== 'jwk') return checkedBytes(value);
    if (isBuffer || !isObject(value)) {
      throw new TypeError('the key of the format jwk must be an object, not bytes');
    }
    return checkedJwk(value);
  };

  const needs = (count, given, method) =>
    gharial.required(count, given, `'${method}' on 'SubtleCrypto'`);

  // Web IDL's `unsigned long?`.
  const checkedLength = (length) =>
    (length === null || length === undefined ? null : gharial.enforced(length, 0xffffffff, 'the length'));

  class SubtleCrypto {
    #isSubtle;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      this.#isSubtle = true;
    }

    async encrypt(algorithm, key, data) {
      needs(3, arguments.length, 'encrypt');
      return this.#withKey('encrypt', algorithm, key, { data });
    }

    async decrypt(algorithm, key, data) {
      needs(3, arguments.length, 'decrypt');
      return this.#withKey('decrypt', algorithm, key, { data });
    }

    async sign(algorithm, key, data) {
      needs(3, arguments.length, 'sign');
      return this.#withKey('sign', algorithm, key, { data });
    }

    async verify(algorithm, key, signature, data) {
      needs(4, arguments.length, 'verify');
      return this.#withKey('verify', algorithm, key, { signature, data });
    }

    async digest(algorithm, data) {
      this.#isSubtle;
      needs(2, arguments.length, 'digest');
      const bytes = checkedBytes(data);
      return run('digest', { algorithm: normalizeAlgorithm(algorithm, 'digest'), data: bytes });
    }

    async generateKey(algorithm, extractable, keyUsages) {
      this.#isSubtle;
      needs(3, arguments.length, 'generateKey');
      const usages = checkedUsages(keyUsages);
      return run('generateKey', {
        algorithm: normalizeAlgorithm(algorithm, 'generateKey'), extractable: !!extractable, usages,
      }, (made) => {
        if (typeof made[0] === 'string') return madeKey(made);
        const [publicKey, privateKey] = made.map(madeKey);
        return { publicKey, privateKey };
      });
    }

    async importKey(format, keyData, algorithm, extractable, keyUsages) {
      this.#isSubtle;
      needs(5, arguments.length, 'importKey');
      const chosen = checkedFormat(format);
      const usages = checkedUsages(keyUsages);
      const data = checkedKeyData(chosen, keyData);
      return run('importKey', {
        format: chosen, keyData: data, algorithm: normalizeAlgorithm(algorithm, 'importKey'),
        extractable: !!extractable, usages,
      }, madeKey);
    }

    async exportKey(format, key) {
      this.#isSubtle;
      needs(2, arguments.length, 'exportKey');
      const chosen = checkedFormat(format);
      return run('exportKey', { format: chosen, key: checkedKey(key) },
        chosen === 'jwk' ? JSON.parse : undefined);
    }

    async deriveBits(algorithm, baseKey, length = null) {
      this.#isSubtle;
      needs(2, arguments.length, 'deriveBits');
      const key = checkedKey(baseKey);
      const bits = checkedLength(length);
      return run('deriveBits', {
        algorithm: normalizeAlgorithm(algorithm, 'deriveBits'), key, length: bits,
      });
    }

    async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
      this.#isSubtle;
      needs(5, arguments.length, 'deriveKey');
      const key = checkedKey(baseKey);
      const usages = checkedUsages(keyUsages);
      return run('deriveKey', {
        algorithm: normalizeAlgorithm(algorithm, 'deriveBits'),
        key,
        derived: normalizeAlgorithm(derivedKeyType, 'importKey'),
        lengthOf: normalizeAlgorithm(derivedKeyType, 'get key length'),
        extractable: !!extractable,
        usages,
      }, madeKey);
    }

    async wrapKey(format, key, wrappingKey, wrapAlgorithm) {
      this.#isSubtle;
      needs(4, arguments.length, 'wrapKey');
      const chosen = checkedFormat(format);
      return run('wrapKey', {
        format: chosen,
        key: checkedKey(key),
        wrappingKey: checkedKey(wrappingKey),
        algorithm: normalizeAlgorithm(wrapAlgorithm, 'wrapKey'),
      });
    }

    async unwrapKey(
      format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable,
      keyUsages,
    ) {
      this.#isSubtle;
      needs(7, arguments.length, 'unwrapKey');
      const chosen = checkedFormat(format);
      const key = checkedKey(unwrappingKey);
      const usages = checkedUsages(keyUsages);
      const data = checkedBytes(wrappedKey);
      return run('unwrapKey', {
        format: chosen,
        data,
        key,
        algorithm: normalizeAlgorithm(unwrapAlgorithm, 'unwrapKey'),
        derived: normalizeAlgorithm(unwrappedKeyAlgorithm, 'importKey'),
        extractable: !!extractable,
        usages,
      }, madeKey);
    }

    #withKey(operation, algorithm, key, data) {
      const chosen = checkedKey(key);
      const bytes = Object.fromEntries(
        Object.entries(data).map(([name, value]) => [name, checkedBytes(value)]));
      return run(
        operation, { algorithm: normalizeAlgorithm(algorithm, operation), key: chosen, ...bytes });
    }
  }

  gharial.expose(SubtleCrypto);
  gharial.subtle = new SubtleCrypto(KEY);
})
