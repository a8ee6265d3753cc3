// The module `k6/crypto/x509`: what a certificate says.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const facts = (encoded, name) => {
  if (Array.isArray(encoded)) return facts(Uint8Array.from(encoded), name);
  const isBinary = encoded instanceof ArrayBuffer || ArrayBuffer.isView(encoded);
  if (typeof encoded !== 'string' && !isBinary) {
    throw new TypeError(`${name} takes a certificate as PEM: a string, an ArrayBuffer or a typed array`);
  }
  const [problem, text] = host.certificate(encoded);
  if (problem !== null) throw new Error(problem);
  return JSON.parse(text);
};

const withNumbers = (key) => {
  for (const [name, value] of Object.entries(key)) {
    if (typeof value === 'string' && value.startsWith('0x')) key[name] = BigInt(value);
    else if (name === 'parameters') withNumbers(value);
  }
  return key;
};

export function parse(encoded) {
  const { publicKey, ...certificate } = facts(encoded, 'parse()');
  if (publicKey === null) throw new Error('the certificate has a public key of an unsupported algorithm');
  withNumbers(publicKey.key);
  return { ...certificate, publicKey };
}

export const getAltNames = (encoded) => facts(encoded, 'getAltNames()').altNames;
export const getIssuer = (encoded) => facts(encoded, 'getIssuer()').issuer;
export const getSubject = (encoded) => facts(encoded, 'getSubject()').subject;

export default { parse, getAltNames, getIssuer, getSubject };
