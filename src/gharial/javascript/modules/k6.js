// The module `k6`: checks, groups, sleep.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const stringified = (tags) => {
  if (tags === undefined || tags === null) return null;
  const plain = {};
  for (const name of Object.keys(tags)) plain[name] = String(tags[name]);
  return JSON.stringify(plain);
};

export function check(value, sets, tags) {
  if (host.isInit()) throw new Error('check() cannot be used in the init context');
  if (sets === null || typeof sets !== 'object') {
    throw new TypeError('check() takes an object of names and conditions as its second argument');
  }
  const extra = stringified(tags);
  let allPassed = true;
  for (const name of Object.keys(sets)) {
    let outcome = sets[name];
    let thrown;
    let hasThrown = false;
    if (typeof outcome === 'function') {
      try {
        outcome = outcome(value);
      } catch (error) {
        hasThrown = true;
        thrown = error;
        outcome = false;
      }
      if (outcome instanceof Promise) {
        throw new TypeError(
          `the condition of the check "${name}" is an async function; `
          + 'await its value first, or use check() of k6-utils');
      }
    }
    const passed = Boolean(outcome);
    const problem = host.check(name, passed, extra);
    if (problem !== null) throw new Error(problem);
    if (hasThrown) throw thrown;
    allPassed = allPassed && passed;
  }
  return allPassed;
}

export function group(name, callback) {
  if (host.isInit()) throw new Error('group() cannot be used in the init context');
  if (typeof callback !== 'function') {
    throw new TypeError('group() takes a function as its second argument');
  }
  if (Object.prototype.toString.call(callback) === '[object AsyncFunction]') {
    throw new TypeError('group() does not take an async function');
  }
  const entered = host.enterGroup(String(name));
  if (typeof entered === 'string') throw new Error(entered);
  try {
    return callback();
  } finally {
    host.leaveGroup(entered[0], entered[1]);
  }
}

export function sleep(seconds) {
  const problem = host.sleep(Number(seconds) || 0);
  if (problem !== null) throw new Error(problem);
}

export function fail(message) {
  throw new Error(message === undefined ? '' : String(message));
}

export function randomSeed(seed) {
  gharial.load('seeded_random');
  gharial.seedRandom(Number(seed) || 0);
}

export default { check, group, sleep, fail, randomSeed };
