// The module `k6/execution`: facts of the run.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const facts = (names) => {
  const target = {};
  for (const [property, fact] of Object.entries(names)) {
    Object.defineProperty(target, property, {
      enumerable: true,
      get: () => {
        const value = host.execution(fact);
        return value === null ? undefined : value;
      },
    });
  }
  return target;
};

export const instance = facts({
  currentTestRunDuration: 'currentTestRunDuration',
  iterationsCompleted: 'iterationsCompleted',
  iterationsInterrupted: 'iterationsInterrupted',
  vusActive: 'vusActive',
  vusInitialized: 'vusInitialized',
});

const scenarioFacts = facts({
  name: 'scenarioName',
  executor: 'scenarioExecutor',
  startTime: 'scenarioStartTime',
  progress: 'scenarioProgress',
  iterationInInstance: 'iterationInInstance',
  iterationInTest: 'iterationInTest',
});

export const scenario = new Proxy(scenarioFacts, {
  get(target, property) {
    if (typeof property === 'string' && property in target
        && host.execution('scenarioName') === null) {
      throw new Error('scenario information is only available during an iteration');
    }
    return target[property];
  },
});

let frozenOptions;
const deepFreeze = (value) => {
  if (value !== null && typeof value === 'object') {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
};

export const test = {
  abort(message) {
    host.abortTest(message === undefined ? '' : String(message));
    // The engine stops this script at its next check; until then it must do nothing.
    for (;;);
  },
  fail(message) {
    host.failTest(message === undefined ? '' : String(message));
  },
  get options() {
    if (host.isInit()) {
      throw new Error('the consolidated options are not available in the init context');
    }
    frozenOptions ??= deepFreeze(JSON.parse(host.options()));
    return frozenOptions;
  },
};

const texts = (what, read, write) => new Proxy({}, {
  get: (_, name) => (typeof name === 'string' ? JSON.parse(read())[name] : undefined),
  has: (_, name) => name in JSON.parse(read()),
  ownKeys: () => Object.keys(JSON.parse(read())),
  getOwnPropertyDescriptor: (_, name) => {
    const value = JSON.parse(read())[name];
    return value === undefined
      ? undefined
      : { value, writable: true, enumerable: true, configurable: true };
  },
  set: (_, name, value) => {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new TypeError(`the ${what} "${String(name)}" must be a string, a number or a boolean`);
    }
    write(name, String(value));
    return true;
  },
  deleteProperty: (_, name) => {
    write(name, null);
    return true;
  },
});

const tags = texts('tag', host.tags, host.setTag);
const metadata = texts('metadata', host.metadata, host.setMetadata);

export const vu = Object.create(
  Object.prototype,
  {
    ...Object.getOwnPropertyDescriptors(facts({
      idInInstance: 'vuIdInInstance',
      idInTest: 'vuId',
      iterationInInstance: 'vuIteration',
      iterationInScenario: 'vuScenarioIteration',
    })),
    tags: { value: tags, enumerable: true },
    metrics: {
      value: Object.defineProperties({}, {
        tags: { value: tags, enumerable: true },
        metadata: { value: metadata, enumerable: true },
      }),
      enumerable: true,
    },
  },
);

export default { instance, scenario, test, vu };
