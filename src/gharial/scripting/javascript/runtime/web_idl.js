// The rules of Web IDL that every class of the platform follows.
//
// Leaves in `gharial`: required, wholeText, toUSVString, expose, constants, domException.
(function (gharial) {
  'use strict';

  // Throws unless enough arguments were given; `what` reads "'send' on 'WebSocket'".
  gharial.required = (count, given, what) => {
    if (given < count) {
      throw new TypeError(
        `Failed to execute ${what}: ${count} argument${count === 1 ? '' : 's'} ` +
        `required, but only ${given} present.`,
      );
    }
  };

  // Returns the same string in one piece. The engine keeps what was put together of long
  // strings in its parts, and that is no string to the host.
  const wholeText = (gharial.wholeText = String);

  // Returns a string without lone surrogates: each becomes U+FFFD.
  gharial.toUSVString = (value) => {
    const text = wholeText(`${value}`);
    return text.isWellFormed() ? text : text.toWellFormed();
  };

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

  // Returns a new DOMException (which is loaded only when one is needed).
  gharial.domException = (message, name) => {
    gharial.load('dom_exception');
    return new gharial.DOMException(message, name);
  };
})
