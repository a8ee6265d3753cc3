// The module `k6/encoding`: base64 in its four variants.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const data = (value) => {
  if (typeof value === 'string') return value;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value;
  throw new TypeError('b64encode() takes a string, an ArrayBuffer or a typed array');
};

const unpacked = ([problem, value]) => {
  if (problem !== null) throw new Error(problem);
  return value;
};

export function b64encode(input, encoding = 'std') {
  return unpacked(host.base64Encode(data(input), String(encoding)));
}

export function b64decode(input, encoding = 'std', format = '') {
  return unpacked(host.base64Decode(String(input), String(encoding), format === 's'));
}

export default { b64encode, b64decode };
