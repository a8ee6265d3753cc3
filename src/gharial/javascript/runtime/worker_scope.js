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
  gharial.expose(WorkerGlobalScope);
  gharial.expose(DedicatedWorkerGlobalScope);

  // What a target of events is known by, which its constructor gives it.
  for (const key of Object.getOwnPropertySymbols(new gharial.EventTarget())) {
    Object.defineProperty(globalThis, key, { value: null, writable: true });
  }
  // The engine's own, which says that this is Node.js.
  delete globalThis[Symbol.toStringTag];
  Object.setPrototypeOf(globalThis, DedicatedWorkerGlobalScope.prototype);
  // A call without an object has none that the methods could be about.
  for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
    const method = gharial.EventTarget.prototype[name];
    gharial.define(name, { [name]: (...given) => method.apply(globalThis, given) }[name]);
  }

  gharial.define('self', globalThis);
  gharial.define('navigator', new WorkerNavigator());
})
