// Random numbers that are the same in each run.
//
// Leaves in `gharial`: seedRandom.
(function (gharial) {
  'use strict';

  // A small generator of good quality (mulberry32).
  gharial.seedRandom = (seed) => {
    let state = seed | 0;
    Math.random = function random() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  };
})
