// The first part of the runtime: host functions, timers, and how a script is run.
//
// Leaves in `gharial`: host, reportException, start, call, callUntilSettled, setArguments, setIteration,
// setUser, seedRandom, describeExports.
(function (gharial) {
  'use strict';

  // Functions of the host become functions here when they are first asked for: each
  // takes some memory, and a script uses few of them.
  const host = (gharial.host = new Proxy({ __proto__: null }, {
    get(target, name) {
      return (target[name] ??= gharial.hostFunction(name));
    },
  }));

  Object.defineProperty(globalThis, Symbol.for('gharial'), { value: gharial });
  const defineValue = (name, value) => {
    Object.defineProperty(globalThis, name, {
      value, writable: true, configurable: true, enumerable: true,
    });
  };
  defineValue('global', globalThis);

  const isError = (value) =>
    value instanceof Error || (typeof value === 'object' && value !== null && 'stack' in value);

  const textOf = (value) => {
    try {
      return isError(value) && value.name ? `${value.name}: ${value.message}` : String(value);
    } catch {
      return '(a value that has no text)';
    }
  };

  // Lets the iteration fail, as HTML's "report the exception".
  gharial.reportException = (error) => {
    host.reportException(textOf(error), isError(error) ? String(error.stack ?? '') : '');
  };

  const timer = (name, isInterval) => {
    const functions = {
      [name](callback, delay = 0, ...rest) {
        if (callback === undefined || callback === null) {
          throw new TypeError(`${name}'s callback isn't a callable function`);
        }
        if (typeof callback !== 'function') {
          throw new TypeError(`${name} takes a function, not ${typeof callback}`);
        }
        // Numbers reach the host as they are; what is infinite or below zero means zero.
        const id = host.setTimer(() => { callback.apply(globalThis, rest); }, Number(delay) || 0, isInterval);
        if (typeof id === 'string') throw new RangeError(id);
        return id;
      },
    };
    defineValue(name, functions[name]);
  };
  timer('setTimeout', false);
  timer('setInterval', true);
  defineValue('clearTimeout', function clearTimeout(id = 0) {
    host.clearTimer(Number(id) | 0);
  });
  defineValue('clearInterval', function clearInterval(id = 0) {
    host.clearTimer(Number(id) | 0);
  });

  gharial.setUser = (id, environment) => {
    defineValue('__VU', id);
    defineValue('__ITER', undefined);
    defineValue('__ENV', JSON.parse(environment));
  };

  gharial.setIteration = (iteration, environment) => {
    globalThis.__ITER = iteration;
    if (environment !== null) Object.assign(globalThis.__ENV, environment);
  };

  // A small generator of good quality, for runs that are to be repeated (mulberry32).
  gharial.seedRandom = (seed) => {
    let state = seed | 0;
    Math.random = function random() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  };

  let exported = null;
  let argumentsOfCalls = [];

  gharial.start = (specifier) => {
    import(specifier).then(
      (namespace) => {
        exported = namespace;
        host.started(null, '');
      },
      (error) => {
        host.started(textOf(error), isError(error) ? String(error.stack ?? '') : '');
      },
    );
  };

  // A CommonJS file's exports are all on its default export.
  const exportNamed = (name) => {
    if (name in exported && !(name === 'default' && exported.__isCommonJs)) return exported[name];
    return exported.__isCommonJs ? exported.default[name] : undefined;
  };

  gharial.describeExports = () => {
    const names = exported.__isCommonJs ? Object.keys(exported.default) : Object.keys(exported);
    const options = exportNamed('options') ?? {};
    return JSON.stringify({
      functions: names.filter((name) => typeof exportNamed(name) === 'function'),
      kindOfOptions: Array.isArray(options) ? 'array' : typeof options,
      options,
    });
  };

  gharial.setArguments = (json) => {
    argumentsOfCalls = JSON.parse(json);
  };

  gharial.call = (name, hasArguments) => {
    const result = exportNamed(name)(...(hasArguments ? argumentsOfCalls : []));
    if (result instanceof Promise) result.catch(gharial.reportException);
  };

  // Tells the host once the function, and the promise that it returns, has come to its end.
  gharial.callUntilSettled = (name, hasArguments) => {
    const result = exportNamed(name)(...(hasArguments ? argumentsOfCalls : []));
    if (result instanceof Promise) {
      result.catch(gharial.reportException).then(() => host.settled());
    } else {
      host.settled();
    }
  };

  // Hands on what the function, or the promise that it returns, gives; as JSON.
  gharial.callForResult = (name, hasArguments, deliver) => {
    const result = exportNamed(name)(...(hasArguments ? argumentsOfCalls : []));
    Promise.resolve(result).then((value) => {
      const text = JSON.stringify(value);
      if (text !== undefined) deliver(text);
    }).catch(gharial.reportException);
  };
})
