// The global object as that of a dedicated worker in a browser: self, navigator, and what
// makes it a target of events.
//
// Source: HTML, "WorkerGlobalScope", "DedicatedWorkerGlobalScope" and "WorkerNavigator".
(function (gharial) {
  'use strict';
  const illegal = () => {
    throw new TypeError('Illegal constructor');
  };

  class WorkerNavigator {
    get userAgent() {
      return gharial.host.userAgent();
    }

    get appCodeName() {
      return 'Mozilla';
    }

    get appName() {
      return 'Netscape';
    }

    get appVersion() {
      return gharial.host.userAgent().replace(/^Mozilla\//, '');
    }

    get product() {
      return 'Gecko';
    }

    get platform() {
      return '';
    }

    get language() {
      return 'en-US';
    }

    get languages() {
      return Object.freeze(['en-US']);
    }

    get onLine() {
      return true;
    }

    // A virtual user has a share of one core.
    get hardwareConcurrency() {
      return 1;
    }
  }
  gharial.expose(WorkerNavigator);

  class WorkerGlobalScope extends gharial.EventTarget {
    constructor() {
      illegal(super());
    }
  }

  class DedicatedWorkerGlobalScope extends WorkerGlobalScope {}

  gharial.defineHandlers(WorkerGlobalScope,
    ['error', 'languagechange', 'offline', 'online', 'rejectionhandled', 'unhandledrejection']);

  // The handler `onerror` is called with what the event says, and returns true to prevent more.
  const { get: getHandler, set: setHandler } =
    Object.getOwnPropertyDescriptor(WorkerGlobalScope.prototype, 'onerror');
  const written = new WeakMap();
  Object.defineProperty(WorkerGlobalScope.prototype, 'onerror', Object.getOwnPropertyDescriptor({
    get onerror() {
      const handler = getHandler.call(this);
      return written.get(handler) ?? handler;
    },
    set onerror(value) {
      if (typeof value !== 'function') {
        setHandler.call(this, value);
        return;
      }
      const handler = (event) => {
        const { message, filename, lineno, colno, error } = event;
        if (value.call(globalThis, message, filename, lineno, colno, error) === true) {
          event.preventDefault();
        }
      };
      written.set(handler, value);
      setHandler.call(this, handler);
    },
  }, 'onerror'));
  gharial.expose(WorkerGlobalScope);
  gharial.expose(DedicatedWorkerGlobalScope);

  // What a target of events is known by, which its constructor gives it.
  for (const key of Object.getOwnPropertySymbols(new gharial.EventTarget())) {
    Object.defineProperty(globalThis, key, { value: null, writable: true });
  }
  Object.defineProperty(globalThis, gharial.eventCore.CHANGED, {
    value: (type) => {
      if (type === 'error' || type === 'unhandledrejection') gharial.load('global_errors');
    },
  });
  // Until now these were globals that load this file.
  for (const name of ['onerror', 'onunhandledrejection']) delete globalThis[name];
  // The engine's own, which says that this is Node.js.
  delete globalThis[Symbol.toStringTag];
  Object.setPrototypeOf(globalThis, DedicatedWorkerGlobalScope.prototype);
  // A call without an object has none that the methods could be about.
  for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
    const method = gharial.EventTarget.prototype[name];
    gharial.define(name, { [name]: (...given) => method.apply(globalThis, given) }[name]);
  }

  const { reportError } = {
    reportError(error) {
      gharial.required(1, arguments.length, "'reportError'");
      gharial.reportException(error);
    },
  };
  gharial.define('reportError', reportError);
  gharial.define('self', globalThis);
  gharial.define('navigator', new WorkerNavigator());
})
