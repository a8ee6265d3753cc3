// The module `k6/crypto`: digests, HMACs and random bytes.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const isBinary = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);

const data = (value, name) => {
  if (value instanceof DataView) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (typeof value === 'string' || isBinary(value)) return value;
  throw new TypeError(`${name} takes a string, an ArrayBuffer or a typed array`);
};

const unpacked = ([problem, value]) => {
  if (problem !== null) throw new Error(problem);
  return value;
};

class Hasher {
  #state;

  constructor(state) {
    this.#state = state;
  }

  update(input) {
    host.digestUpdate(this.#state, data(input, 'update()'));
  }

  digest(outputEncoding) {
    return unpacked(host.digestResult(this.#state, String(outputEncoding)));
  }
}

export function createHash(algorithm) {
  return new Hasher(unpacked(host.digestMake(String(algorithm))));
}

export function createHMAC(algorithm, secret) {
  return new Hasher(unpacked(host.hmacMake(String(algorithm), data(secret, 'createHMAC()'))));
}

export function hmac(algorithm, secret, input, outputEncoding) {
  const hasher = createHMAC(algorithm, secret);
  hasher.update(input);
  return hasher.digest(outputEncoding);
}

const digestOf = (algorithm) => (input, outputEncoding) => {
  const hasher = createHash(algorithm);
  hasher.update(data(input, `${algorithm}()`));
  return hasher.digest(outputEncoding);
};

export const md4 = digestOf('md4');
export const md5 = digestOf('md5');
export const sha1 = digestOf('sha1');
export const sha256 = digestOf('sha256');
export const sha384 = digestOf('sha384');
export const sha512 = digestOf('sha512');
export const sha512_224 = digestOf('sha512_224');
export const sha512_256 = digestOf('sha512_256');
export const ripemd160 = digestOf('ripemd160');

export function hexEncode(input) {
  return host.hexEncode(data(input, 'hexEncode()'));
}

export function randomBytes(size) {
  const count = Number(size);
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`randomBytes() takes a number of bytes, at least 1, not ${String(size)}`);
  }
  return host.randomBytes(count);
}

export default {
  createHash, createHMAC, hmac, md4, md5, sha1, sha256, sha384, sha512, sha512_224, sha512_256,
  ripemd160, hexEncode, randomBytes,
};
