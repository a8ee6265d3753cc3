// Globals that cost memory only in the virtual users whose scripts touch them.
//
// Loaded first. Leaves in `gharial`: define, load, lazy, LAZY_GLOBALS (a table: lazy(LAZY_GLOBALS)
// is the bootstrap's to call, so that tests may load files alone).
(function (gharial) {
  'use strict';
  const loaded = new Set();
  const pending = { __proto__: null };

  // Makes `name` a global as Web IDL wants it, unless it is a lazy one that the script
  // has given a value of its own meanwhile.
  gharial.define = (name, value) => {
    const file = pending[name];
    if (file !== undefined) {
      const present = Object.getOwnPropertyDescriptor(globalThis, name);
      delete pending[name];
      if (present === undefined || present.get === undefined) return;
    }
    Object.defineProperty(globalThis, name, {
      value, writable: true, configurable: true, enumerable: false,
    });
  };

  // Afterwards the file has run in this context, once however often it is asked for.
  gharial.load = (file) => {
    if (!loaded.has(file)) {
      loaded.add(file);
      gharial.host.loadRuntime(file);
    }
  };

  // Makes each name an accessor: a read loads its file, whose definitions replace the
  // accessor; an assignment replaces it by the assigned value.
  gharial.lazy = (table) => {
    for (const name in table) {
      pending[name] = table[name];
      // One function a name is getter and setter at once: functions are what this
      // costs each virtual user. A setter, and only a setter, is given an argument.
      const access = function (value) {
        if (arguments.length === 0) {
          gharial.load(table[name]);
          return globalThis[name];
        }
        gharial.define(name, value);
      };
      Object.defineProperty(globalThis, name, {
        get: access, set: access, configurable: true, enumerable: false,
      });
    }
  };

  // Global name -> runtime file that defines it.
  gharial.LAZY_GLOBALS = {
    DOMException: 'dom_exception',
    Event: 'event_classes',
    EventTarget: 'event_classes',
    CustomEvent: 'event_classes',
    MessageEvent: 'event_classes',
    CloseEvent: 'event_classes',
    ErrorEvent: 'event_classes',
    AbortController: 'abort',
    AbortSignal: 'abort',
    Blob: 'blob',
    ReadableStream: 'streams',
    URL: 'url',
    URLSearchParams: 'url',
    TextEncoder: 'encoding',
    TextDecoder: 'encoding',
    structuredClone: 'structured_clone',
    atob: 'base64',
    btoa: 'base64',
    crypto: 'crypto',
    performance: 'performance',
    queueMicrotask: 'microtask',
  };
})
