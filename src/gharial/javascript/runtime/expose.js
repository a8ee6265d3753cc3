// Makes a class look as Web IDL wants it.
//
// Leaves in `gharial`: expose, constants. They go again once the classes are made that every
// virtual user has, and come back with the first of those that few have.
(function (gharial) {
  'use strict';

  // Defines read-only numbers on a class and on its prototype.
  gharial.constants = (Class, table) => {
    for (const name in table) {
      const descriptor = {
        value: table[name], writable: false, enumerable: true, configurable: false,
      };
      Object.defineProperty(Class, name, descriptor);
      Object.defineProperty(Class.prototype, name, descriptor);
    }
  };

  // Makes a class look as Web IDL wants it (members enumerable, a string tag), and
  // makes it a global unless it is told not to.
  gharial.expose = (Class, isGlobal = true) => {
    for (const holder of [Class.prototype, Class]) {
      for (const name of Object.getOwnPropertyNames(holder)) {
        if (name === 'constructor' || name === 'prototype') continue;
        const member = Object.getOwnPropertyDescriptor(holder, name);
        if (!member.configurable) continue;
        if (member.get === undefined && typeof member.value !== 'function') continue;
        Object.defineProperty(holder, name, { enumerable: true });
      }
    }
    Object.defineProperty(Class.prototype, Symbol.toStringTag, {
      value: Class.name, configurable: true,
    });
    if (isGlobal) gharial.define(Class.name, Class);
    return Class;
  };
})
