// CountQueuingStrategy and ByteLengthQueuingStrategy. Source: the Streams standard, section 7.
(function (gharial) {
  'use strict';
  // The same function each time, as the standard says.
  const sizes = {
    CountQueuingStrategy: () => 1,
    ByteLengthQueuingStrategy: (chunk) => chunk.byteLength,
  };
  for (const size of Object.values(sizes)) {
    Object.defineProperty(size, 'name', { value: 'size', configurable: true });
  }

  const readMark = (init, count, name) => {
    gharial.required(1, count, `'${name}' constructor`);
    if (init !== null && init !== undefined &&
        typeof init !== 'object' && typeof init !== 'function') {
      throw new TypeError(`${name}: the argument is not an object`);
    }
    const mark = init?.highWaterMark;
    if (mark === undefined) throw new TypeError(`${name}: highWaterMark is missing`);
    return +mark;
  };

  class CountQueuingStrategy {
    #mark;

    constructor(init) {
      this.#mark = readMark(init, arguments.length, 'CountQueuingStrategy');
    }

    get highWaterMark() {
      return this.#mark;
    }

    get size() {
      this.#mark;
      return sizes.CountQueuingStrategy;
    }
  }

  class ByteLengthQueuingStrategy {
    #mark;

    constructor(init) {
      this.#mark = readMark(init, arguments.length, 'ByteLengthQueuingStrategy');
    }

    get highWaterMark() {
      return this.#mark;
    }

    get size() {
      this.#mark;
      return sizes.ByteLengthQueuingStrategy;
    }
  }

  gharial.expose(CountQueuingStrategy);
  gharial.expose(ByteLengthQueuingStrategy);
})
