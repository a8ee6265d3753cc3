// The first part of the runtime: host functions, timers, and how a script is run.
//
// Leaves in `gharial`: host, describe, reportException, runTimer, start, call, setIteration, setUser;
// and exported, exportNamed, callExport, argumentsOfCalls for stages.js, which has what few virtual
// users need.
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
    if (isError(value) && value.name) return `${value.name}: ${value.message}`;
    const text = String(value);
    if (!text.startsWith('[object ')) return text;
    // That says nothing: what the object has does, the `error` of an event for example.
    gharial.load('inspect');
    return gharial.inspect(value);
  };

  const stackOf = (value) => (isError(value) ? String(value.stack ?? '') : '');

  // Returns what was thrown, and where, as texts. It may be any value.
  const describe = (gharial.describe = (value) => {
    try {
      return [textOf(value), stackOf(value)];
    } catch (failure) {
      // Without memory or stack for the text, that is what there is to say.
      if (failure === null || failure instanceof InternalError) throw failure;
      return ['(a value that cannot be shown)', ''];
    }
  });

  // Lets the iteration fail, as HTML's "report the exception", unless a listener of the global
  // object's prevents that.
  gharial.reportException = (error) => {
    if (gharial.tellOfError?.(error)) return;
    host.reportException(...describe(error));
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
        // The host converts the number to Web IDL's long.
        const id = host.setTimer(callback, +delay, isInterval, rest.length > 0 ? rest : null);
        if (typeof id === 'string') throw new RangeError(id);
        return id;
      },
    };
    defineValue(name, functions[name]);
  };
  // What the host calls for a timer that is due. It holds the script's own function, which
  // knows where it was written.
  gharial.runTimer = (callback, rest) => {
    try {
      if (rest === null) callback.call(globalThis);
      else callback.apply(globalThis, rest);
    } catch (error) {
      gharial.reportException(error);
    }
  };
  timer('setTimeout', false);
  timer('setInterval', true);
  const clearers = {
    clearTimeout(id = 0) { host.clearTimer(id | 0); },
    clearInterval(id = 0) { host.clearTimer(id | 0); },
  };
  for (const name in clearers) defineValue(name, clearers[name]);

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
        // A CommonJS file's exports are an object of its own.
        const file = gharial.commonJsModule?.(specifier);
        gharial.exported = file === undefined ? namespace : Object(file.exports);
        host.started(null, '');
      },
      (error) => {
        host.started(...describe(error));
      },
    );
  };

  const exportNamed = (gharial.exportNamed = (name) => gharial.exported[name]);

  // Calls an exported function; what it throws is reported, and undefined returned.
  const callExport = (gharial.callExport = (name, hasArguments) => {
    try {
      return exportNamed(name)(...(hasArguments ? gharial.argumentsOfCalls : []));
    } catch (error) {
      gharial.reportException(error);
    }
  });

  gharial.call = (name, hasArguments) => {
    const result = callExport(name, hasArguments);
    if (result instanceof Promise) result.catch(gharial.reportException);
  };
})
