// What one engine makes with crypto.subtle, and what another one must be able to read.
const subtle = crypto.subtle;
const text = (data) => btoa(String.fromCharCode(...new Uint8Array(data)));
const bytes = (coded) => Uint8Array.from(atob(coded), (character) => character.charCodeAt(0));
const MESSAGE = new TextEncoder().encode('a message of some length, so that it fills more than one block');
const EXPONENT = new Uint8Array([1, 0, 1]);
const rsa = (name) => ({ name, modulusLength: 1024, publicExponent: EXPONENT, hash: 'SHA-256' });
const SIGNATURES = [
  [{ name: 'HMAC', hash: 'SHA-512' }, 'HMAC'],
  [rsa('RSASSA-PKCS1-v1_5'), 'RSASSA-PKCS1-v1_5'],
  [rsa('RSA-PSS'), { name: 'RSA-PSS', saltLength: 20 }],
  [{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }],
  [{ name: 'ECDSA', namedCurve: 'P-384' }, { name: 'ECDSA', hash: 'SHA-512' }],
  [{ name: 'ECDSA', namedCurve: 'P-521' }, { name: 'ECDSA', hash: 'SHA-1' }],
  [{ name: 'Ed25519' }, 'Ed25519'],
];
const CIPHERS = [
  [{ name: 'AES-CBC', length: 256 }, { name: 'AES-CBC', iv: new Uint8Array(16).fill(7) }],
  [{ name: 'AES-CTR', length: 192 }, { name: 'AES-CTR', counter: new Uint8Array(16).fill(255), length: 5 }],
  [{ name: 'AES-GCM', length: 128 }, { name: 'AES-GCM', iv: new Uint8Array(12).fill(7), additionalData: EXPONENT, tagLength: 104 }],
  [rsa('RSA-OAEP'), { name: 'RSA-OAEP', label: EXPONENT }],
];
const AGREEMENTS = [{ name: 'ECDH', namedCurve: 'P-256' }, { name: 'ECDH', namedCurve: 'P-521' }, { name: 'X25519' }];

const exported = async (format, key) => {
  const data = await subtle.exportKey(format, key);
  return format === 'jwk' ? data : text(data);
};
const imported = (format, data, algorithm, usages) => {
  const { length, ...rest } = algorithm;
  return subtle.importKey(format, format === 'jwk' ? data : bytes(data), rest, true, usages);
};
const pairs = (made) => (made.privateKey ? made : { privateKey: made, publicKey: made });
const formats = (key) => (key.type === 'secret' ? ['raw', 'jwk'] : key.type === 'public' ? ['spki', 'jwk'] : ['pkcs8', 'jwk']);
const all = async (key) => {
  const data = {};
  for (const format of formats(key)) data[format] = await exported(format, key);
  return data;
};

const make = async () => {
  const made = { signatures: [], ciphers: [], agreements: [] };
  for (const [algorithm, how] of SIGNATURES) {
    const { privateKey, publicKey } = pairs(await subtle.generateKey(algorithm, true, ['sign', 'verify']));
    made.signatures.push([await all(publicKey), text(await subtle.sign(how, privateKey, MESSAGE)), await all(privateKey)]);
  }
  for (const [algorithm, how] of CIPHERS) {
    const { privateKey, publicKey } = pairs(await subtle.generateKey(algorithm, true, ['encrypt', 'decrypt']));
    const data = algorithm.name === 'RSA-OAEP' ? MESSAGE.slice(0, 40) : MESSAGE;
    made.ciphers.push([await all(privateKey), text(await subtle.encrypt(how, publicKey, data)), text(data)]);
  }
  for (const algorithm of AGREEMENTS) {
    const [one, other] = [await subtle.generateKey(algorithm, true, ['deriveBits']), await subtle.generateKey(algorithm, true, ['deriveBits'])];
    const bits = await subtle.deriveBits({ name: algorithm.name, public: other.publicKey }, one.privateKey, 256);
    made.agreements.push([await all(one.publicKey), await all(other.privateKey), text(bits)]);
  }
  return made;
};

// Returns what was read, one line each, with what is wrong.
const check = async (made) => {
  const seen = [];
  const each = async (name, keys, action) => {
    for (const format of Object.keys(keys)) {
      try {
        seen.push(`${name} ${format} ${await action(format, keys[format])}`);
      } catch (error) {
        seen.push(`${name} ${format} ${error.name}: ${error.message}`);
      }
    }
  };
  for (const [index, [publicKeys, signature, privateKeys]] of made.signatures.entries()) {
    const [algorithm, how] = SIGNATURES[index];
    const name = `${algorithm.name} ${algorithm.namedCurve ?? ''}`;
    await each(name, publicKeys, async (format, data) =>
      subtle.verify(how, await imported(format, data, algorithm, ['verify']), bytes(signature), MESSAGE));
    await each(name, privateKeys, async (format, data) =>
      (await subtle.sign(how, await imported(format, data, algorithm, ['sign']), MESSAGE)).byteLength === bytes(signature).length);
  }
  for (const [index, [keys, sealed, data]] of made.ciphers.entries()) {
    const [algorithm, how] = CIPHERS[index];
    await each(algorithm.name, keys, async (format, key) =>
      text(await subtle.decrypt(how, await imported(format, key, algorithm, ['decrypt']), bytes(sealed))) === data);
  }
  for (const [index, [publicKeys, privateKeys, bits]] of made.agreements.entries()) {
    const algorithm = AGREEMENTS[index];
    await each(algorithm.name, publicKeys, async (format, data) => {
      const other = await imported(format, data, algorithm, []);
      const own = await imported('pkcs8', privateKeys.pkcs8, algorithm, ['deriveBits']);
      return text(await subtle.deriveBits({ name: algorithm.name, public: other }, own, 256)) === bits;
    });
  }
  return seen;
};
