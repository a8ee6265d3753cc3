// The algorithms of crypto.subtle: which operation takes which, with which parameters.
//
// Leaves in `gharial`: normalizeAlgorithm, enforced. Source: Web Cryptography, section
// "Algorithms" and the registration of each algorithm; Web IDL for the conversions.
(function (gharial) {
  'use strict';
  gharial.load('buffers');
  const isObject = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  // [EnforceRange]: a whole number from 0 to `maximum`.
  const enforced = (gharial.enforced = (value, maximum, name) => {
    const number = Math.trunc(+value);
    if (!Number.isFinite(number) || number < 0 || number > maximum) {
      throw new TypeError(`${name} must be a number from 0 to ${maximum}, not ${String(value)}`);
    }
    return number + 0;
  });

  const upTo = (maximum) => (value, name) => enforced(value, maximum, name);
  const octet = upTo(0xff);
  const short = upTo(0xffff);
  const long = upTo(0xffffffff);

  // What the host is to get as bytes is copied here: the script may change its own.
  const buffer = (value, name) => {
    const bytes = gharial.bytesOf(value);
    if (bytes === undefined) throw new TypeError(`${name} is not an ArrayBuffer or a view of one`);
    return bytes.slice();
  };

  const bigInteger = (value, name) => {
    if (Object.prototype.toString.call(value) !== '[object Uint8Array]') {
      throw new TypeError(`${name} is not a Uint8Array`);
    }
    return buffer(value, name);
  };

  const text = (value) => `${value}`;

  const hash = (value) => gharial.normalizeAlgorithm(value, 'digest');

  const key = (value, name) => {
    if (!gharial.isCryptoKey(value)) throw new TypeError(`${name} is not a CryptoKey`);
    return value;
  };

  // Members of each dictionary in the order in which Web IDL reads them; those with a
  // question mark may be missing.
  const NONE = {};
  const HASHED = { hash };
  const AES_LENGTH = { length: short };
  const CURVE = { namedCurve: text };
  const HMAC = { hash, 'length?': long };
  const RSA_GENERATION = { modulusLength: long, publicExponent: bigInteger, hash };
  const PUBLIC = { public: key };
  const AES_PARAMETERS = {
    'AES-CBC': { iv: buffer },
    'AES-CTR': { counter: buffer, length: octet },
    'AES-GCM': { 'additionalData?': buffer, iv: buffer, 'tagLength?': octet },
  };
  const OAEP = { 'label?': buffer };
  const DERIVATIONS = {
    HKDF: { hash, info: buffer, salt: buffer },
    PBKDF2: { hash, iterations: long, salt: buffer },
  };
  const forAll = (names, dictionary) =>
    Object.fromEntries(names.map((name) => [name, dictionary]));
  const AES = ['AES-CBC', 'AES-CTR', 'AES-GCM', 'AES-KW'];
  const RSA = ['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'RSA-OAEP'];
  const EC = ['ECDSA', 'ECDH'];
  const CURVE_25519 = ['Ed25519', 'X25519'];

  const ciphers = { 'RSA-OAEP': OAEP, ...AES_PARAMETERS };
  const signatures = {
    'RSASSA-PKCS1-v1_5': NONE, 'RSA-PSS': { saltLength: long }, ECDSA: HASHED, HMAC: NONE,
    Ed25519: NONE,
  };
  const TABLE = {
    digest: forAll(['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'], NONE),
    encrypt: ciphers,
    decrypt: ciphers,
    sign: signatures,
    verify: signatures,
    generateKey: {
      ...forAll(RSA, RSA_GENERATION), ...forAll(EC, CURVE), ...forAll(CURVE_25519, NONE),
      ...forAll(AES, AES_LENGTH), HMAC,
    },
    importKey: {
      ...forAll(RSA, HASHED), ...forAll(EC, CURVE), ...forAll(CURVE_25519, NONE),
      ...forAll(AES, NONE), HMAC, HKDF: NONE, PBKDF2: NONE,
    },
    deriveBits: { ECDH: PUBLIC, X25519: PUBLIC, ...DERIVATIONS },
    'get key length': { ...forAll(AES, AES_LENGTH), HMAC, HKDF: NONE, PBKDF2: NONE },
    wrapKey: { 'AES-KW': NONE, ...ciphers },
  };
  TABLE.unwrapKey = TABLE.wrapKey;

  // Returns the algorithm with its registered name and its parameters, as Web IDL converts
  // them.
  gharial.normalizeAlgorithm = (algorithm, operation) => {
    if (!isObject(algorithm)) algorithm = { name: `${algorithm}` };
    if (algorithm.name === undefined) throw new TypeError('the algorithm has no name');
    const given = `${algorithm.name}`;
    const table = TABLE[operation];
    const name = Object.keys(table).find((known) => known.toLowerCase() === given.toLowerCase());
    if (name === undefined) {
      throw gharial.domException(
        `${operation}: the algorithm '${given}' is not supported; there are: ` +
        `${Object.keys(table).join(', ')}`, 'NotSupportedError');
    }
    const normalized = { name };
    for (const entry of Object.keys(table[name])) {
      const member = entry.replace('?', '');
      const value = algorithm[member];
      if (value !== undefined) normalized[member] = table[name][entry](value, `${name}: ${member}`);
      else if (member === entry) throw new TypeError(`${name}: the member '${member}' is missing`);
    }
    return normalized;
  };
})
