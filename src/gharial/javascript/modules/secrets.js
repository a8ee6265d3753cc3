// The module `k6/secrets`: values that never show in a log.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const read = (source, name) => {
  const [problem, value] = host.secret(source, String(name));
  if (problem !== null) throw new Error(problem);
  return value;
};

export async function get(name) {
  return read(null, name);
}

export function source(sourceName) {
  return { get: async (name) => read(String(sourceName), name) };
}

export default { get, source };
