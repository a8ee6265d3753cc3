// The first part of the runtime: host functions, timers, and how a script is run.
//
// Leaves in `gharial`: host, reportException, start, call, callUntilSettled, setIteration, setUser; and
// exported, exportNamed, argumentsOfCalls for stages.js, which has what few virtual users need.
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
    if (environment !== null) Object.assign(globalThis.__ENV, JSON.parse(environment));
  };

  gharial.exported = null;
  gharial.argumentsOfCalls = [];

  gharial.start = (specifier) => {
    import(specifier).then(
      (namespace) => {
        gharial.exported = namespace;
        host.started(null, '');
      },
      (error) => {
        host.started(textOf(error), isError(error) ? String(error.stack ?? '') : '');
      },
    );
  };

  // A CommonJS file's exports are all on its default export.
  const exportNamed = (gharial.exportNamed = (name) => {
    const { exported } = gharial;
    if (name in exported && !(name === 'default' && exported.__isCommonJs)) return exported[name];
    return exported.__isCommonJs ? exported.default[name] : undefined;
  });

  gharial.call = (name, hasArguments) => {
    const result = exportNamed(name)(...(hasArguments ? gharial.argumentsOfCalls : []));
    if (result instanceof Promise) result.catch(gharial.reportException);
  };

  // Tells the host once the function, and the promise that it returns, has come to its end.
  gharial.callUntilSettled = (name, hasArguments) => {
    const result = exportNamed(name)(...(hasArguments ? gharial.argumentsOfCalls : []));
    if (result instanceof Promise) {
      result.catch(gharial.reportException).then(() => host.settled());
    } else {
      host.settled();
    }
  };
})
