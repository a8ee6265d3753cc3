// Globals that cost memory only in the virtual users whose scripts touch them.
//
// Leaves in `gharial`: define, load, lazy. Takes lazyGlobals, which the host has set.
(function (gharial) {
  'use strict';
  const loaded = { __proto__: null };
  let lazyNames = {};
  // Lazy names to which the script assigned before they were loaded.
  let taken = null;

  // Operations and attributes of the global object are enumerable, classes are not, nor is
  // the namespace `console`.
  const isEnumerable = (name) => name[0] >= 'a' && name !== 'console';

  const set = (name, value) => {
    Object.defineProperty(globalThis, name, {
      value, writable: true, configurable: true, enumerable: isEnumerable(name),
    });
  };

  // Makes `name` a global as Web IDL wants it, unless it is a lazy one that the script
  // has given a value of its own meanwhile.
  gharial.define = (name, value) => {
    if (taken !== null && name in taken) return;
    if (name in lazyNames) {
      const present = Object.getOwnPropertyDescriptor(globalThis, name);
      if (present === undefined || present.get === undefined) return;
    }
    set(name, value);
  };

  // Afterwards the file has run in this context, once however often it is asked for.
  gharial.load = (file) => {
    if (!(file in loaded)) {
      if (gharial.expose === undefined) gharial.host.loadRuntime('expose');
      gharial.host.loadRuntime(file);
      // Not before: an interruption in the middle must not leave half a file for ever.
      loaded[file] = true;
    }
  };

  // Makes each name of the table an accessor: a read loads its file, whose definitions
  // replace the accessor; an assignment replaces it by the assigned value.
  gharial.lazy = (table) => {
    lazyNames = table;
    for (const name in table) {
      // One function a name is getter and setter at once: functions are what this
      // costs each virtual user. A setter, and only a setter, is given an argument.
      const access = function (value) {
        if (arguments.length === 0) {
          gharial.load(table[name]);
          return globalThis[name];
        }
        // A handler of events is an attribute of the global object's class.
        if (name.startsWith('on')) {
          gharial.load(table[name]);
          globalThis[name] = value;
          return;
        }
        (taken ??= { __proto__: null })[name] = true;
        set(name, value);
      };
      Object.defineProperty(globalThis, name, {
        get: access, set: access, configurable: true, enumerable: isEnumerable(name),
      });
    }
  };

  // Global name -> runtime file that defines it, of those that the script may touch.
  gharial.lazy(gharial.lazyGlobals);
})
