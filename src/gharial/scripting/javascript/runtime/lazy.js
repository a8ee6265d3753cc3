// Globals that cost memory only in the virtual users whose scripts touch them.
//
// Leaves in `gharial`: define, load, lazy.
(function (gharial) {
  'use strict';
  const loaded = new Set();
  // Lazy names, until they have a value.
  const pending = new Set();
  const taken = new Set();

  const set = (name, value) => {
    pending.delete(name);
    Object.defineProperty(globalThis, name, {
      value, writable: true, configurable: true, enumerable: false,
    });
  };

  // Makes `name` a global as Web IDL wants it, unless it is a lazy one that the script
  // has given a value of its own meanwhile.
  gharial.define = (name, value) => {
    if (taken.has(name)) return;
    if (pending.has(name)) {
      const present = Object.getOwnPropertyDescriptor(globalThis, name);
      if (present === undefined || present.get === undefined) return;
    }
    set(name, value);
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
      pending.add(name);
      // One function a name is getter and setter at once: functions are what this
      // costs each virtual user. A setter, and only a setter, is given an argument.
      const access = function (value) {
        if (arguments.length === 0) {
          gharial.load(table[name]);
          return globalThis[name];
        }
        taken.add(name);
        set(name, value);
      };
      Object.defineProperty(globalThis, name, {
        get: access, set: access, configurable: true, enumerable: false,
      });
    }
  };

  // Global name -> runtime file that defines it.
  gharial.lazy({
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
  });
})
