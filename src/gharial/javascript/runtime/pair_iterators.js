// Iterators over the pairs of URLSearchParams and Headers.
//
// Leaves in `gharial`: pairIterators. Source: Web IDL, section 3.7.10 (iterable declarations).
(function (gharial) {
  'use strict';
  const Iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

  // Returns what makes iterators of a class. Each takes a function that gives the pair at an
  // index as the list is then, undefined past its end, and one that gives what is iterated.
  gharial.pairIterators = (className) => {
    const states = new WeakMap();
    const prototype = {
      __proto__: Iterator,
      next() {
        const state = states.get(this);
        if (state === undefined) throw new TypeError('Illegal invocation');
        const pair = state.pairAt(state.index);
        if (pair === undefined) return { value: undefined, done: true };
        state.index += 1;
        return { value: state.partOf(pair), done: false };
      },
    };
    Object.defineProperty(prototype, Symbol.toStringTag, {
      value: `${className} Iterator`, configurable: true,
    });
    return (pairAt, partOf) => {
      const iterator = { __proto__: prototype };
      states.set(iterator, { pairAt, partOf, index: 0 });
      return iterator;
    };
  };
})
