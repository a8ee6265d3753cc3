// The module `k6/encoding`: base64 in its four variants.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const data = (value) => {
  if (typeof value === 'string') return value;
  if (value instanceof ArrayBuffer) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError('b64encode() takes a string, an ArrayBuffer or a typed array');
};

// k6 takes any other name for this one.
const variant = (encoding) => {
  const name = `${encoding || 'std'}`;
  if (['std', 'rawstd', 'url', 'rawurl'].includes(name)) return name;
  host.warn(`there is no base64 encoding '${name}'; it counts as 'std', as in k6 (there are std, rawstd, url, rawurl)`);
  return 'std';
};

const unpacked = ([problem, value]) => {
  if (problem !== null) throw new Error(problem);
  return value;
};

export function b64encode(input, encoding = 'std') {
  return unpacked(host.base64Encode(data(input), variant(encoding)));
}

export function b64decode(input, encoding = 'std', format = '') {
  const text = input === undefined ? '' : String(input);
  return unpacked(host.base64Decode(text, variant(encoding), format === 's'));
}

export default { b64encode, b64decode };
