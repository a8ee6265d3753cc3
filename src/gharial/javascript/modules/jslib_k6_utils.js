// The module `https://jslib.k6.io/k6-utils/<version>/index.js`, at any version: all that
// its versions export, written from its documentation.
import { check as checkNow } from 'k6';
import { scenario, test, vu } from 'k6/execution';

const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz';

// A whole number from `min` to `max`, both included.
export function randomIntBetween(min, max) {
  return Math.floor(Math.random() * (max - min + 1) + min);
}

export function randomItem(items) {
  return items[Math.floor(Math.random() * items.length)];
}

export function randomString(length, charset = LOWER_CASE) {
  let text = '';
  for (let count = 0; count < length; count++) {
    text += charset[Math.floor(Math.random() * charset.length)];
  }
  return text;
}

// A random UUID, version 4. Unless it is to be secure it comes from Math.random, so that
// randomSeed() makes it repeatable.
export function uuidv4(secure = false) {
  if (secure) return crypto.randomUUID();
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (letter) => {
    const digit = Math.floor(Math.random() * 16);
    return (letter === 'x' ? digit : (digit & 0x3) | 0x8).toString(16);
  });
}

// The text between two others: of the first place or, if `repeat`, of all places in an
// array. Null if there is none.
export function findBetween(content, left, right, repeat = false) {
  const found = [];
  let position = 0;
  for (;;) {
    const before = content.indexOf(left, position);
    if (before < 0) break;
    const start = before + left.length;
    const end = content.indexOf(right, start);
    if (end < 0) break;
    const text = content.slice(start, end);
    if (!repeat) return text;
    found.push(text);
    position = end + right.length;
    // Two empty marks would be found for ever.
    if (position === before) break;
  }
  return found.length > 0 ? found : null;
}

// Stages whose targets follow a bell curve from -2 to +2 standard deviations, scaled to
// `maxVus` at its peak. A ramp before and one after take a sixth of the time each.
export function normalDistributionStages(maxVus, durationSeconds, numberOfStages = 10) {
  const ramp = `${Math.ceil(durationSeconds / 6)}s`;
  const step = `${Math.ceil((4 * durationSeconds) / (6 * numberOfStages))}s`;
  const density = Array.from({ length: numberOfStages + 1 }, (_, index) =>
    Math.exp(-((-2 + (4 * index) / numberOfStages) ** 2) / 2));
  const peak = Math.max(...density);
  const stages = density.map((value, index) => ({
    duration: index === 0 ? ramp : step,
    target: Math.round((value * maxVus) / peak),
  }));
  return [...stages, { duration: ramp, target: 0 }];
}

// As check() of 'k6', but conditions may be promises or functions that return one. The
// result is a promise then, else a boolean.
export function check(value, conditions, tags) {
  if (value instanceof Promise) {
    return value.then((settled) => check(settled, conditions, tags));
  }
  const judge = (name, outcome) => checkNow(value, { [name]: outcome }, tags);
  let allPassed = true;
  const pending = [];
  for (const name of Object.keys(conditions)) {
    let outcome = conditions[name];
    if (typeof outcome === 'function') {
      try {
        outcome = outcome(value);
      } catch (error) {
        judge(name, false);
        throw error;
      }
    }
    if (outcome instanceof Promise) {
      pending.push(outcome.then(
        (settled) => judge(name, settled),
        (error) => {
          judge(name, false);
          throw error;
        },
      ));
    } else if (!judge(name, outcome)) {
      allPassed = false;
    }
  }
  if (pending.length === 0) return allPassed;
  return Promise.all(pending).then((results) => allPassed && results.every(Boolean));
}

const UNITS_MS = new Map([
  ['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1_000], ['ms', 1],
]);

// A duration such as '1h30m' or '500ms', in milliseconds.
export function parseDuration(text) {
  if (text === undefined || text === null || text.length < 1) {
    throw new Error('str is empty');
  }
  const seen = new Set();
  let milliseconds = 0;
  let position = 0;
  while (position < text.length) {
    const part = /^(\d+(?:\.\d*)?|\.\d+)([a-zµ]*)/.exec(text.slice(position));
    if (part === null) throw new Error(`'${text}' is not a duration`);
    const [whole, number, unit] = part;
    // A text that is nothing but a number is milliseconds already.
    const scale = number === text ? 1 : UNITS_MS.get(unit);
    if (scale === undefined) throw new Error(`${unit} is an unsupported time unit`);
    if (seen.has(unit)) throw new Error(`${unit} time unit is provided multiple times`);
    seen.add(unit);
    milliseconds += Number(number) * scale;
    position += whole.length;
  }
  return milliseconds;
}

const currentScenario = () => {
  const options = test.options.scenarios?.[scenario.name];
  if (!Array.isArray(options?.stages) || options.stages.length === 0) {
    throw new Error(
      'only ramping-vus or ramping-arrival-rate supports stages, it is not possible to '
      + 'get a stage index on other executors.');
  }
  return options;
};

// The index, from 0, of the stage that the current scenario is in; the last one once all
// have passed.
export function getCurrentStageIndex() {
  const { stages } = currentScenario();
  const elapsed = Date.now() - scenario.startTime;
  let end = 0;
  for (let index = 0; index < stages.length; index++) {
    end += parseDuration(String(stages[index].duration));
    if (elapsed < end) return index;
  }
  return stages.length - 1;
}

// Afterwards what this iteration measures has the tag `stage`.
export function tagWithCurrentStageIndex() {
  vu.tags.stage = String(getCurrentStageIndex());
}

const currentStageProfile = () => {
  const { executor, stages, startVUs, startRate } = currentScenario();
  const first = startVUs ?? startRate ?? (executor === 'ramping-vus' ? 1 : 0);
  const index = getCurrentStageIndex();
  const before = index > 0 ? stages[index - 1].target : first;
  const { target } = stages[index];
  if (target > before) return 'ramp-up';
  return target < before ? 'ramp-down' : 'steady';
};

// Afterwards what this iteration measures has the tag `stage_profile`: `ramp-up`,
// `steady` or `ramp-down`.
export function tagWithCurrentStageProfile() {
  vu.tags.stage_profile = currentStageProfile();
}
