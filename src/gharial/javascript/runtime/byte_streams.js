// Readable streams of bytes, as scripts see them, and readers that bring their own buffers.
//
// Leaves in `streamCore`: setUpBytes, createByteStream, makeByobReader, makeByobRequest,
// invalidateByobRequest. Source: the Streams standard, sections 4.5, 4.7 and 4.8.
(function (gharial) {
  'use strict';
  gharial.load('byte_controller');
  const core = gharial.streamCore;
  const { promised } = core;
  const KEY = {};
  const released = () => new TypeError('the reader was released');

  // A reader that fills buffers of the script's, behind its public face.
  class ByobReader extends core.Reader {
    isByob = true;

    constructor(stream) {
      if (stream.reader === null && !(stream.controller instanceof core.ByteController)) {
        throw new TypeError('the stream is not one of bytes');
      }
      super(stream);
    }

    read(view, min, request) {
      const { stream } = this;
      stream.isDisturbed = true;
      if (stream.state === 'errored') request.error(stream.error);
      else stream.controller.pullInto(view, min, request);
    }
  }

  const checkedView = (view, what) => {
    if (!ArrayBuffer.isView(view)) throw new TypeError(`${what} is not a view of a buffer`);
    if (view.buffer.resizable || view.buffer instanceof SharedArrayBuffer) {
      throw new TypeError(`${what} is of a buffer that is shared or can grow`);
    }
    return view;
  };

  class ReadableStreamBYOBRequest {
    #controller;
    #view;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      [, this.#controller, this.#view] = made;
    }

    get view() {
      return this.#view;
    }

    respond(bytesWritten) {
      gharial.required(1, arguments.length, "'respond' on 'ReadableStreamBYOBRequest'");
      const count = core.enforced(bytesWritten, 'bytesWritten');
      const controller = this.#live();
      if (this.#view.buffer.detached) throw new TypeError('the buffer was transferred');
      controller.respond(count);
    }

    respondWithNewView(view) {
      gharial.required(1, arguments.length, "'respondWithNewView' on 'ReadableStreamBYOBRequest'");
      checkedView(view, 'the argument');
      const controller = this.#live();
      if (view.buffer.detached) throw new TypeError('the buffer was transferred');
      controller.respondWithNewView(view);
    }

    #live() {
      if (this.#controller === null) throw new TypeError('this request was answered already');
      return this.#controller;
    }

    static {
      core.makeByobRequest = (controller, view) =>
        new ReadableStreamBYOBRequest(KEY, controller, view);
      core.invalidateByobRequest = (request) => {
        request.#controller = request.#view = null;
      };
    }
  }

  class ReadableByteStreamController {
    #inner;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      [, this.#inner] = made;
    }

    get byobRequest() {
      return this.#inner.byobRequest;
    }

    get desiredSize() {
      return this.#inner.desiredSize;
    }

    close() {
      if (!this.#inner.canTake) throw new TypeError('the stream is closed, or fails');
      this.#inner.close();
    }

    enqueue(chunk) {
      gharial.required(1, arguments.length, "'enqueue' on 'ReadableByteStreamController'");
      checkedView(chunk, 'the chunk');
      if (chunk.byteLength === 0) throw new TypeError('the chunk is empty');
      if (chunk.buffer.byteLength === 0) throw new TypeError('the buffer of the chunk is empty');
      if (!this.#inner.canTake) throw new TypeError('the stream is closed, or fails');
      this.#inner.enqueue(chunk);
    }

    error(reason = undefined) {
      this.#inner.fail(reason);
    }
  }

  class ReadableStreamBYOBReader {
    #inner;

    constructor(stream) {
      gharial.required(1, arguments.length, "'ReadableStreamBYOBReader' constructor");
      this.#inner = new ByobReader(core.readableOf(stream));
    }

    get closed() {
      return promised(() => this.#inner.closed.promise);
    }

    cancel(reason = undefined) {
      return promised(() => this.#live().cancel(reason));
    }

    read(view, options = {}) {
      return promised(() => {
        checkedView(view, 'the argument');
        const { min: given = 1 } = core.dictionary(options, 'the options');
        const min = core.enforced(given, 'min');
        if (view.byteLength === 0) throw new TypeError('the view is empty');
        if (view.buffer.byteLength === 0) throw new TypeError('the buffer of the view is empty');
        if (view.buffer.detached) throw new TypeError('the buffer was transferred');
        if (min === 0) throw new TypeError('min must be at least 1');
        if (min > (view.length ?? view.byteLength)) {
          throw new RangeError('min is more than the view has room for');
        }
        this.#live();
        const { promise, resolve, reject } = Promise.withResolvers();
        this.#inner.read(view, min, {
          chunk: (value) => resolve({ value, done: false }),
          close: (value) => resolve({ value, done: true }),
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

  core.makeByobReader = (stream) => new ReadableStreamBYOBReader(stream);

  core.setUpBytes = (inner, algorithms, start) => {
    const controller = new core.ByteController(inner, algorithms);
    controller.face = new ReadableByteStreamController(KEY, controller);
    controller.started(start(controller.face));
  };

  // Returns a stream of bytes with algorithms of the platform's own.
  core.createByteStream = (pull, cancel) => {
    const make = (algorithm) => (...args) => promised(() => algorithm(...args));
    return core.createBytes({ pull: make(pull), cancel: make(cancel), mark: 0 });
  };

  gharial.expose(ReadableStreamBYOBRequest);
  gharial.expose(ReadableByteStreamController);
  gharial.expose(ReadableStreamBYOBReader);
})
