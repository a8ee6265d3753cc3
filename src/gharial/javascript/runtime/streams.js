// ReadableStream with its default reader and controller; stream_pipes.js has what ties
// streams together.
//
// Leaves in `gharial`: ReadableStream, and in `streamCore`: createReadable, readableOf, Reader,
// DefaultReader, Controller, readableController. Source: the Streams standard, section 4.
(function (gharial) {
  'use strict';
  gharial.load('stream_core');
  const core = gharial.streamCore;
  const { upon, promised } = core;
  const KEY = {};
  const BYTES = {};
  const released = () => new TypeError('the reader was released');

  // What a stream knows, behind its public face.
  class Readable {
    state = 'readable';
    error = undefined;
    reader = null;
    controller = null;
    isDisturbed = false;
    face = null;

    cancel(reason) {
      this.isDisturbed = true;
      if (this.state === 'closed') return Promise.resolve();
      if (this.state === 'errored') return Promise.reject(this.error);
      this.close();
      if (this.reader?.isByob) for (const request of this.reader.takeRequests()) request.close(undefined);
      return core.toUndefined(this.controller.cancelSteps(reason));
    }

    close() {
      this.state = 'closed';
      if (this.reader === null) return;
      this.reader.closed.resolve();
      // A reader with buffers of its own gets them back once the source has let go of them.
      if (this.reader.isByob) return;
      for (const request of this.reader.takeRequests()) request.close();
    }

    fail(error) {
      this.state = 'errored';
      this.error = error;
      if (this.reader === null) return;
      this.reader.closed.reject(error);
      for (const request of this.reader.takeRequests()) request.error(error);
    }
  }

  // What all readers are, behind their public faces.
  class Reader {
    stream;
    closed;
    requests = [];

    constructor(stream) {
      if (stream.reader !== null) throw new TypeError('the stream is locked');
      this.stream = stream;
      stream.reader = this;
      if (stream.state === 'readable') this.closed = core.shown();
      else if (stream.state === 'closed') this.closed = core.resolved();
      else this.closed = core.rejected(stream.error);
    }

    takeRequests() {
      const taken = this.requests;
      this.requests = [];
      return taken;
    }

    release() {
      if (this.closed.isPending) this.closed.reject(released());
      else this.closed = core.rejected(released());
      this.stream.controller.releaseSteps();
      this.stream.reader = null;
      this.stream = null;
      for (const request of this.takeRequests()) request.error(released());
    }
  }

  // A reader of chunks. A request has the functions chunk, close and error.
  class DefaultReader extends Reader {
    read(request) {
      const { stream } = this;
      stream.isDisturbed = true;
      if (stream.state === 'closed') request.close();
      else if (stream.state === 'errored') request.error(stream.error);
      else stream.controller.pullSteps(request);
    }
  }

  // What all controllers are: when they pull from the source, and until when. Each has a `total`
  // of what is queued and a `clear()` that drops it.
  class Controller {
    stream;
    face = null;
    isCloseRequested = false;
    #mark;
    #pull;
    #cancel;
    #hasStarted = false;
    #isPulling = false;
    #pullsAgain = false;

    constructor(stream, { pull, cancel, mark }) {
      this.stream = stream;
      stream.controller = this;
      this.#mark = mark;
      this.#pull = pull;
      this.#cancel = cancel;
    }

    // `result` is what the source's start returned.
    started(result) {
      upon(Promise.resolve(result), () => {
        this.#hasStarted = true;
        this.pullIfNeeded();
      }, (error) => this.fail(error));
    }

    get desiredSize() {
      if (this.stream.state === 'errored') return null;
      return this.stream.state === 'closed' ? 0 : this.#mark - this.total;
    }

    get canTake() {
      return !this.isCloseRequested && this.stream.state === 'readable';
    }

    get shouldPull() {
      if (!this.canTake || !this.#hasStarted) return false;
      return this.stream.reader?.requests.length > 0 || this.desiredSize > 0;
    }

    pullIfNeeded() {
      if (!this.shouldPull) return;
      if (this.#isPulling) {
        this.#pullsAgain = true;
        return;
      }
      this.#isPulling = true;
      upon(this.#pull(this.face), () => {
        this.#isPulling = false;
        if (!this.#pullsAgain) return;
        this.#pullsAgain = false;
        this.pullIfNeeded();
      }, (error) => this.fail(error));
    }

    fail(error) {
      if (this.stream.state !== 'readable') return;
      this.clear();
      this.forget();
      this.stream.fail(error);
    }

    cancelSteps(reason) {
      this.clear();
      const result = this.#cancel(reason);
      this.forget();
      return result;
    }

    // Nothing of the source is called any more.
    forget() {
      this.#pull = this.#cancel = null;
    }
  }

  class DefaultController extends Controller {
    queue = new core.Queue();
    #sizeOf;

    constructor(stream, algorithms) {
      super(stream, algorithms);
      this.#sizeOf = algorithms.sizeOf;
    }

    get total() {
      return this.queue.total;
    }

    clear() {
      this.queue.clear();
    }

    enqueue(chunk) {
      const request = this.stream.reader?.requests.shift();
      if (request !== undefined) {
        request.chunk(chunk);
      } else {
        try {
          this.queue.push(chunk, this.#sizeOf(chunk));
        } catch (error) {
          this.fail(error);
          throw error;
        }
      }
      this.pullIfNeeded();
    }

    close() {
      this.isCloseRequested = true;
      if (this.queue.length > 0) return;
      this.forget();
      this.stream.close();
    }

    pullSteps(request) {
      if (this.queue.length === 0) {
        this.stream.reader.requests.push(request);
        this.pullIfNeeded();
        return;
      }
      const chunk = this.queue.shift();
      if (this.isCloseRequested && this.queue.length === 0) {
        this.forget();
        this.stream.close();
      } else {
        this.pullIfNeeded();
      }
      request.chunk(chunk);
    }

    releaseSteps() {}

    forget() {
      super.forget();
      this.#sizeOf = null;
    }
  }

  class ReadableStreamDefaultController {
    #inner;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      [, this.#inner] = made;
    }

    get desiredSize() {
      return this.#inner.desiredSize;
    }

    close() {
      if (!this.#inner.canTake) throw new TypeError('the stream is closed, or fails');
      this.#inner.close();
    }

    enqueue(chunk = undefined) {
      if (!this.#inner.canTake) throw new TypeError('the stream is closed, or fails');
      this.#inner.enqueue(chunk);
    }

    error(reason = undefined) {
      this.#inner.fail(reason);
    }

    static {
      core.readableController = (face) => face.#inner;
    }
  }

  let readableOf;

  class ReadableStreamDefaultReader {
    #inner;

    constructor(stream) {
      gharial.required(1, arguments.length, "'ReadableStreamDefaultReader' constructor");
      this.#inner = new DefaultReader(readableOf(stream));
    }

    get closed() {
      return promised(() => this.#inner.closed.promise);
    }

    cancel(reason = undefined) {
      return promised(() => this.#live().cancel(reason));
    }

    read() {
      return promised(() => {
        this.#live();
        const { promise, resolve, reject } = Promise.withResolvers();
        this.#inner.read({
          chunk: (value) => resolve({ value, done: false }),
          close: () => resolve({ value: undefined, done: true }),
          error: reject,
        });
        return promise;
      });
    }

    releaseLock() {
      if (this.#inner.stream !== null) this.#inner.release();
    }

    #live() {
      if (this.#inner.stream === null) throw released();
      return this.#inner.stream;
    }
  }

  const setUp = (inner, algorithms, start) => {
    const controller = new DefaultController(inner, algorithms);
    controller.face = new ReadableStreamDefaultController(KEY, controller);
    controller.started(start(controller.face));
  };

  class ReadableStream {
    #inner = new Readable();

    constructor(source = undefined, strategy = {}) {
      this.#inner.face = this;
      // A stream of the platform's own, whose algorithms are ready.
      if (source === BYTES) {
        core.setUpBytes(this.#inner, strategy, () => {});
        return;
      }
      if (source === KEY) {
        setUp(this.#inner, strategy, strategy.start);
        return;
      }
      const given = core.readStrategy(strategy);
      const { autoAllocateChunkSize, cancel, pull, start, type } = core.underlying(
        source, 'the underlying source',
        ['autoAllocateChunkSize', 'cancel', 'pull', 'start', 'type']);
      const calls = { pull: core.algorithm(source, pull), cancel: core.algorithm(source, cancel) };
      const begin = (controller) => start && Reflect.apply(start, source, [controller]);
      if (type !== undefined) {
        if (`${type}` !== 'bytes') {
          throw new TypeError(`'${type}' is not a type of readable streams`);
        }
        if (given.size !== undefined) {
          throw new RangeError('the strategy of a stream of bytes has no size()');
        }
        gharial.load('byte_streams');
        const chunkSize = autoAllocateChunkSize === undefined
          ? undefined : core.enforced(autoAllocateChunkSize, 'autoAllocateChunkSize');
        if (chunkSize === 0) throw new TypeError('autoAllocateChunkSize must be at least 1');
        core.setUpBytes(this.#inner, { ...calls, chunkSize, mark: core.markOf(given, 0) }, begin);
        return;
      }
      const sizeOf = core.sizeOf(given);
      setUp(this.#inner, { ...calls, sizeOf, mark: core.markOf(given, 1) }, begin);
    }

    static from(asyncIterable) {
      gharial.required(1, arguments.length, "'from' on 'ReadableStream'");
      gharial.load('stream_pipes');
      return core.streamFrom(asyncIterable);
    }

    get locked() {
      return this.#inner.reader !== null;
    }

    cancel(reason = undefined) {
      return promised(() => {
        if (this.locked) throw new TypeError('the stream is locked');
        return this.#inner.cancel(reason);
      });
    }

    getReader(options = {}) {
      const { mode } = core.dictionary(options, 'the options');
      this.#inner;
      if (mode !== undefined) {
        if (`${mode}` !== 'byob') throw new TypeError(`'${mode}' is not a kind of readers`);
        gharial.load('byte_streams');
        return core.makeByobReader(this);
      }
      return new ReadableStreamDefaultReader(this);
    }

    pipeThrough(transform, options = {}) {
      gharial.required(1, arguments.length, "'pipeThrough' on 'ReadableStream'");
      gharial.load('stream_pipes');
      return core.pipeThrough(this.#inner, transform, options);
    }

    pipeTo(destination, options = {}) {
      const count = arguments.length;
      return promised(() => {
        const source = this.#inner;
        gharial.required(1, count, "'pipeTo' on 'ReadableStream'");
        gharial.load('stream_pipes');
        return core.pipeTo(source, destination, options);
      });
    }

    tee() {
      gharial.load('stream_pipes');
      return this.#inner.controller instanceof DefaultController
        ? core.tee(this.#inner) : core.teeBytes(this.#inner);
    }

    values(options = {}) {
      const preventCancel = !!core.dictionary(options, 'the options').preventCancel;
      return iterate(new DefaultReader(this.#inner), preventCancel);
    }

    static {
      readableOf = core.readableOf = (stream) => {
        if (typeof stream !== 'object' || stream === null || !(#inner in stream)) {
          throw new TypeError('the argument is not a ReadableStream');
        }
        return stream.#inner;
      };
    }
  }

  // Returns a stream with algorithms: pull and cancel return promises.
  core.createReadable = (pull, cancel, mark = 1, sizeOf = () => 1, start = () => {}) =>
    new ReadableStream(KEY, { pull, cancel, mark, sizeOf, start });
  core.createBytes = (algorithms) => {
    gharial.load('byte_streams');
    return new ReadableStream(BYTES, algorithms);
  };
  Object.assign(core, { Reader, DefaultReader, Controller });

  // Asynchronous iteration. Source: Web IDL, section 3.7.11.
  const iterators = new WeakMap();
  const AsyncIterator = Object.getPrototypeOf(
    Object.getPrototypeOf(async function* () {}).prototype);

  const readNext = (iterator) => {
    if (iterator.isFinished) return Promise.resolve({ value: undefined, done: true });
    const { promise, resolve, reject } = Promise.withResolvers();
    const end = () => {
      iterator.isFinished = true;
      iterator.reader.release();
    };
    iterator.reader.read({
      chunk: (value) => resolve({ value, done: false }),
      close: () => {
        end();
        resolve({ value: undefined, done: true });
      },
      error: (error) => {
        end();
        reject(error);
      },
    });
    return promise;
  };

  const finish = (iterator, value) => {
    if (iterator.isFinished) return Promise.resolve({ value, done: true });
    iterator.isFinished = true;
    const { reader, preventCancel } = iterator;
    const cancelled = preventCancel ? Promise.resolve() : reader.stream.cancel(value);
    reader.release();
    return upon(cancelled, () => ({ value, done: true }));
  };

  // One after the other, as they were asked for.
  const inTurn = (face, steps) => promised(() => {
    const iterator = iterators.get(face);
    if (iterator === undefined) throw new TypeError('Illegal invocation');
    const mine = iterator.ongoing === null
      ? steps(iterator)
      : upon(iterator.ongoing, () => steps(iterator), () => steps(iterator));
    iterator.ongoing = mine;
    const done = () => {
      if (iterator.ongoing === mine) iterator.ongoing = null;
    };
    upon(mine, done, done);
    return mine;
  });

  const iteratorPrototype = {
    __proto__: AsyncIterator,
    next() {
      return inTurn(this, readNext);
    },
    return(value) {
      return inTurn(this, (iterator) => finish(iterator, value));
    },
    [Symbol.toStringTag]: 'ReadableStream AsyncIterator',
  };
  Object.defineProperty(iteratorPrototype, Symbol.toStringTag, {
    writable: false, enumerable: false,
  });

  const iterate = (reader, preventCancel) => {
    const face = { __proto__: iteratorPrototype };
    iterators.set(face, { reader, preventCancel, isFinished: false, ongoing: null });
    return face;
  };

  gharial.expose(ReadableStreamDefaultController);
  gharial.expose(ReadableStreamDefaultReader);
  gharial.ReadableStream = gharial.expose(ReadableStream);
  Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
    value: ReadableStream.prototype.values, writable: true, configurable: true,
  });
})
