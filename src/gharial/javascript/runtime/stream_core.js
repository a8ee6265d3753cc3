// What all kinds of streams share: promises, queues with sizes, strategies, dictionaries.
//
// Leaves in `gharial`: streamCore. Source: the Streams standard, sections 7 and 8; Web IDL for
// dictionaries and callback functions.
(function (gharial) {
  'use strict';
  const { then } = Promise.prototype;
  const core = (gharial.streamCore = {});

  // Handles a promise whatever a script has put in the place of `then`.
  core.upon = (promise, fulfilled, rejected) =>
    Reflect.apply(then, promise, [fulfilled, rejected]);

  const ignore = () => {};

  // Nobody need look at this promise.
  core.handled = (promise) => {
    core.upon(promise, undefined, ignore);
    return promise;
  };

  // A promise with its ends, and whether it is pending.
  core.deferred = () => {
    const { promise, resolve, reject } = Promise.withResolvers();
    const made = {
      promise,
      isPending: true,
      resolve(value) {
        made.isPending = false;
        resolve(value);
      },
      reject(reason) {
        made.isPending = false;
        reject(reason);
      },
    };
    return made;
  };

  // The same for promises that streams show as attributes: they may be rejected unseen.
  core.shown = () => {
    const made = core.deferred();
    core.handled(made.promise);
    return made;
  };

  core.resolved = (value) => {
    const made = core.shown();
    made.resolve(value);
    return made;
  };

  core.rejected = (reason) => {
    const made = core.shown();
    made.reject(reason);
    return made;
  };

  // Returns what an operation returns; what it throws becomes a rejection, as for all
  // operations of Web IDL that return promises.
  core.promised = (operation) => {
    try {
      return Promise.resolve(operation());
    } catch (error) {
      return Promise.reject(error);
    }
  };

  core.toUndefined = (promise) => core.upon(promise, () => undefined);

  // Returns an object to read a dictionary's members of.
  core.dictionary = (value, what) => {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' && typeof value !== 'function') {
      throw new TypeError(`${what} is not an object`);
    }
    return value;
  };

  core.callback = (holder, name) => {
    const found = holder[name];
    if (found !== undefined && typeof found !== 'function') {
      throw new TypeError(`'${name}' is not a function`);
    }
    return found;
  };

  // Returns an underlying source, sink or transformer with the members of these names, which
  // are functions. It may be left out, but is no dictionary: null is none.
  core.underlying = (given, what, names) => {
    if (given !== undefined && (given === null ||
        (typeof given !== 'object' && typeof given !== 'function'))) {
      throw new TypeError(`${what} is not an object`);
    }
    const read = {};
    for (const name of names) {
      read[name] = name === 'type' || name.endsWith('Type') || name === 'autoAllocateChunkSize'
        ? given?.[name] : core.callback(given ?? {}, name);
    }
    return read;
  };

  // Returns the function of an underlying object as an algorithm that returns a promise.
  core.algorithm = (given, callback) =>
    (callback === undefined
      ? () => Promise.resolve()
      : (...args) => core.promised(() => Reflect.apply(callback, given, args)));

  core.readStrategy = (strategy) => {
    const given = core.dictionary(strategy, 'the queuing strategy');
    const { highWaterMark } = given;
    return {
      mark: highWaterMark === undefined ? undefined : +highWaterMark,
      size: core.callback(given, 'size'),
    };
  };

  // Web IDL's unsigned long long with [EnforceRange].
  core.enforced = (value, name) => {
    const number = Math.trunc(+value);
    if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER)) {
      throw new TypeError(`${name} is not a number from 0 up`);
    }
    return number + 0;
  };

  // Returns the class of a view, whatever the script has made of its constructor.
  const { get: tagOf } = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
  core.viewClass = (view) => {
    const name = Reflect.apply(tagOf, view, []);
    return name === undefined ? DataView : globalThis[name];
  };

  core.markOf = ({ mark }, otherwise) => {
    if (mark === undefined) return otherwise;
    if (!(mark >= 0)) throw new RangeError('highWaterMark must be a number from 0 up');
    return mark;
  };

  core.sizeOf = ({ size }) =>
    (size === undefined ? () => 1 : (chunk) => +Reflect.apply(size, undefined, [chunk]));

  // Values and the sum of their sizes.
  core.Queue = class {
    total = 0;
    #entries = [];
    #head = 0;

    get length() {
      return this.#entries.length - this.#head;
    }

    push(value, size) {
      if (!(size >= 0 && size < Infinity)) {
        throw new RangeError('the size of a chunk must be a finite number from 0 up');
      }
      this.#entries.push({ value, size });
      this.total += size;
    }

    peek() {
      return this.#entries[this.#head].value;
    }

    shift() {
      const { value, size } = this.#entries[this.#head];
      this.#entries[this.#head] = undefined;
      this.#head += 1;
      // Now and then, so that a long queue does not move with each of its chunks.
      if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
        this.#entries.splice(0, this.#head);
        this.#head = 0;
      }
      // Sums of fractions may fall short of zero.
      this.total = Math.max(this.total - size, 0);
      return value;
    }

    clear() {
      this.#entries = [];
      this.#head = 0;
      this.total = 0;
    }
  };
})
