// Readable streams of bytes: their controller, readers that bring their own buffers, and tees.
//
// Leaves in `streamCore`: setUpBytes, createByteStream, makeByobReader, teeBytes. Source: the
// Streams standard, sections 4.5, 4.7, 4.8 and 4.10.11.
(function (gharial) {
  'use strict';
  gharial.load('streams');
  const core = gharial.streamCore;
  const { upon, promised } = core;
  const KEY = {};
  const { subarray } = Uint8Array.prototype;
  const transferred = (buffer) => buffer.transfer();

  const released = () => new TypeError('the reader was released');

  // A reader that fills buffers of the script's, behind its public face.
  class ByobReader {
    isByob = true;
    stream;
    closed;
    requests = [];

    constructor(stream) {
      if (stream.reader !== null) throw new TypeError('the stream is locked');
      if (!(stream.controller instanceof ByteController)) {
        throw new TypeError('the stream is not one of bytes');
      }
      this.stream = stream;
      stream.reader = this;
      if (stream.state === 'readable') this.closed = core.shown();
      else if (stream.state === 'closed') this.closed = core.resolved();
      else this.closed = core.rejected(stream.error);
    }

    read(view, min, request) {
      const { stream } = this;
      stream.isDisturbed = true;
      if (stream.state === 'errored') request.error(stream.error);
      else stream.controller.pullInto(view, min, request);
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

  // A pull-into descriptor: a buffer of the script's that is being filled.
  const descriptor = (buffer, view, minimum, kind) => {
    const isTyped = view !== null && !(view instanceof DataView);
    return {
      buffer,
      bufferLength: buffer.byteLength,
      offset: view === null ? 0 : view.byteOffset,
      length: view === null ? buffer.byteLength : view.byteLength,
      filled: 0,
      minimum,
      elementSize: isTyped ? view.BYTES_PER_ELEMENT : 1,
      View: view === null ? Uint8Array : core.viewClass(view),
      kind,
    };
  };

  class ByteController {
    stream;
    face = null;
    #queue = [];
    #total = 0;
    #pending = [];
    #request = null;
    #mark;
    #pull;
    #cancel;
    #chunkSize;
    #hasStarted = false;
    #isCloseRequested = false;
    #isPulling = false;
    #pullsAgain = false;

    constructor(stream, { pull, cancel, mark, chunkSize }) {
      this.stream = stream;
      stream.controller = this;
      this.#mark = mark;
      this.#pull = pull;
      this.#cancel = cancel;
      this.#chunkSize = chunkSize;
    }

    started(result) {
      upon(Promise.resolve(result), () => {
        this.#hasStarted = true;
        this.pullIfNeeded();
      }, (error) => this.fail(error));
    }

    get desiredSize() {
      if (this.stream.state === 'errored') return null;
      return this.stream.state === 'closed' ? 0 : this.#mark - this.#total;
    }

    get canTake() {
      return !this.#isCloseRequested && this.stream.state === 'readable';
    }

    get byobRequest() {
      if (this.#request === null && this.#pending.length > 0) {
        const [first] = this.#pending;
        const view = new Uint8Array(
          first.buffer, first.offset + first.filled, first.length - first.filled);
        this.#request = new ReadableStreamBYOBRequest(KEY, this, view);
      }
      return this.#request;
    }

    get #shouldPull() {
      if (!this.canTake || !this.#hasStarted) return false;
      return this.stream.reader?.requests.length > 0 || this.desiredSize > 0;
    }

    pullIfNeeded() {
      if (!this.#shouldPull) return;
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

    enqueue(chunk) {
      const { byteOffset, byteLength } = chunk;
      const buffer = transferred(chunk.buffer);
      if (this.#pending.length > 0) {
        const [first] = this.#pending;
        if (first.buffer.detached) {
          throw new TypeError('the buffer that is being filled was transferred');
        }
        this.#invalidate();
        first.buffer = transferred(first.buffer);
        if (first.kind === 'none') this.#queueDetached(first);
      }
      const { reader } = this.stream;
      if (reader === null) {
        this.#push(buffer, byteOffset, byteLength);
      } else if (reader.isByob) {
        this.#push(buffer, byteOffset, byteLength);
        this.#commitAll(this.#fillPending());
      } else {
        while (reader.requests.length > 0 && this.#total > 0) {
          this.#fillRequest(reader.requests.shift());
        }
        if (reader.requests.length === 0) {
          this.#push(buffer, byteOffset, byteLength);
        } else {
          // It was made for the request that is answered now.
          this.#pending.shift();
          reader.requests.shift().chunk(new Uint8Array(buffer, byteOffset, byteLength));
        }
      }
      this.pullIfNeeded();
    }

    close() {
      if (this.#total > 0) {
        this.#isCloseRequested = true;
        return;
      }
      const [first] = this.#pending;
      if (first !== undefined && first.filled % first.elementSize !== 0) {
        const error = new TypeError('the stream ends within an element of the view');
        this.fail(error);
        throw error;
      }
      this.#isCloseRequested = true;
      this.#forget();
      this.stream.close();
    }

    fail(error) {
      if (this.stream.state !== 'readable') return;
      this.#clear();
      this.#forget();
      this.stream.fail(error);
    }

    cancelSteps(reason) {
      this.#clear();
      const result = this.#cancel(reason);
      this.#forget();
      return result;
    }

    pullSteps(request) {
      if (this.#total > 0) {
        this.#fillRequest(request);
        return;
      }
      if (this.#chunkSize !== undefined) {
        let buffer;
        try {
          buffer = new ArrayBuffer(this.#chunkSize);
        } catch (error) {
          request.error(error);
          return;
        }
        this.#pending.push(descriptor(buffer, null, 1, 'default'));
      }
      this.stream.reader.requests.push(request);
      this.pullIfNeeded();
    }

    releaseSteps() {
      const [first] = this.#pending;
      if (first === undefined) return;
      first.kind = 'none';
      this.#pending = [first];
    }

    pullInto(view, min, request) {
      let buffer;
      const made = descriptor(view.buffer, view, 0, 'byob');
      made.minimum = min * made.elementSize;
      try {
        buffer = transferred(view.buffer);
      } catch (error) {
        request.error(error);
        return;
      }
      made.buffer = buffer;
      if (this.#pending.length > 0) {
        this.#pending.push(made);
        this.stream.reader.requests.push(request);
        return;
      }
      if (this.stream.state === 'closed') {
        request.close(new made.View(buffer, made.offset, 0));
        return;
      }
      if (this.#total > 0) {
        if (this.#fill(made)) {
          const filled = this.#converted(made);
          this.#queueDrained();
          request.chunk(filled);
          return;
        }
        if (this.#isCloseRequested) {
          const error = new TypeError('the stream ends within an element of the view');
          this.fail(error);
          request.error(error);
          return;
        }
      }
      this.#pending.push(made);
      this.stream.reader.requests.push(request);
      this.pullIfNeeded();
    }

    respond(count) {
      const [first] = this.#pending;
      if (this.stream.state === 'closed') {
        if (count !== 0) throw new TypeError('the stream is closed: respond with 0 bytes');
      } else {
        if (count === 0) throw new TypeError('0 bytes are no answer while the stream is open');
        if (first.filled + count > first.length) {
          throw new RangeError('there are more bytes than the view has room for');
        }
      }
      first.buffer = transferred(first.buffer);
      this.#respond(count);
    }

    respondWithNewView(view) {
      const [first] = this.#pending;
      if (this.stream.state === 'closed') {
        if (view.byteLength !== 0) throw new TypeError('the stream is closed: respond with 0 bytes');
      } else if (view.byteLength === 0) {
        throw new TypeError('0 bytes are no answer while the stream is open');
      }
      if (first.offset + first.filled !== view.byteOffset) {
        throw new RangeError('the view begins elsewhere');
      }
      if (first.bufferLength !== view.buffer.byteLength) {
        throw new RangeError('the buffer of the view has another size');
      }
      if (first.filled + view.byteLength > first.length) {
        throw new RangeError('there are more bytes than the view has room for');
      }
      const count = view.byteLength;
      first.buffer = transferred(view.buffer);
      this.#respond(count);
    }

    #respond(count) {
      const [first] = this.#pending;
      this.#invalidate();
      if (this.stream.state === 'closed') this.#respondClosed(first);
      else this.#respondOpen(count, first);
      this.pullIfNeeded();
    }

    #respondClosed(first) {
      if (first.kind === 'none') this.#pending.shift();
      const { reader } = this.stream;
      if (!reader?.isByob) return;
      const count = reader.requests.length;
      const filled = [];
      while (filled.length < count) filled.push(this.#pending.shift());
      this.#commitAll(filled);
    }

    #respondOpen(count, first) {
      first.filled += count;
      if (first.kind === 'none') {
        this.#queueDetached(first);
        this.#commitAll(this.#fillPending());
        return;
      }
      if (first.filled < first.minimum) return;
      this.#pending.shift();
      const over = first.filled % first.elementSize;
      if (over > 0) {
        const end = first.offset + first.filled;
        this.#pushCopy(first.buffer, end - over, over);
      }
      first.filled -= over;
      const filled = this.#fillPending();
      this.#commitAll([first, ...filled]);
    }

    #commitAll(descriptors) {
      for (const each of descriptors) {
        const request = this.stream.reader.requests.shift();
        const isDone = this.stream.state === 'closed';
        const view = this.#converted(each);
        if (isDone) request.close(view);
        else request.chunk(view);
      }
    }

    #converted({ buffer, View, offset, filled, elementSize }) {
      return new View(transferred(buffer), offset, filled / elementSize);
    }

    // Fills a buffer from the queue; returns whether that is enough.
    #fill(each) {
      const most = Math.min(this.#total, each.length - each.filled);
      const aligned = each.filled + most - (each.filled + most) % each.elementSize;
      const isReady = aligned >= each.minimum;
      let left = isReady ? aligned - each.filled : most;
      while (left > 0) {
        const [head] = this.#queue;
        const count = Math.min(left, head.length);
        new Uint8Array(each.buffer).set(
          Reflect.apply(subarray, new Uint8Array(head.buffer), [head.offset, head.offset + count]),
          each.offset + each.filled);
        if (head.length === count) {
          this.#queue.shift();
        } else {
          head.offset += count;
          head.length -= count;
        }
        this.#total -= count;
        each.filled += count;
        left -= count;
      }
      return isReady;
    }

    #fillPending() {
      const filled = [];
      while (this.#pending.length > 0 && this.#total > 0) {
        if (this.#fill(this.#pending[0])) filled.push(this.#pending.shift());
      }
      return filled;
    }

    #fillRequest(request) {
      const { buffer, offset, length } = this.#queue.shift();
      this.#total -= length;
      this.#queueDrained();
      request.chunk(new Uint8Array(buffer, offset, length));
    }

    #queueDrained() {
      if (this.#total === 0 && this.#isCloseRequested) {
        this.#forget();
        this.stream.close();
      } else {
        this.pullIfNeeded();
      }
    }

    #queueDetached(first) {
      if (first.filled > 0) this.#pushCopy(first.buffer, first.offset, first.filled);
      this.#pending.shift();
    }

    #pushCopy(buffer, offset, length) {
      this.#push(buffer.slice(offset, offset + length), 0, length);
    }

    #push(buffer, offset, length) {
      this.#queue.push({ buffer, offset, length });
      this.#total += length;
    }

    #invalidate() {
      if (this.#request !== null) invalidate(this.#request);
      this.#request = null;
    }

    #clear() {
      this.#invalidate();
      this.#pending = [];
      this.#queue = [];
      this.#total = 0;
    }

    // Nothing of the source is called any more.
    #forget() {
      this.#pull = this.#cancel = null;
    }
  }

  const checkedView = (view, what) => {
    if (!ArrayBuffer.isView(view)) throw new TypeError(`${what} is not a view of a buffer`);
    if (view.buffer.resizable || view.buffer instanceof SharedArrayBuffer) {
      throw new TypeError(`${what} is of a buffer that is shared or can grow`);
    }
    return view;
  };

  let invalidate;

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
      invalidate = (request) => {
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
    const controller = new ByteController(inner, algorithms);
    controller.face = new ReadableByteStreamController(KEY, controller);
    controller.started(start(controller.face));
  };

  // Returns a stream of bytes with algorithms of the platform's own.
  core.createByteStream = (pull, cancel) => {
    const make = (algorithm) => (...args) => promised(() => algorithm(...args));
    return core.createBytes({ pull: make(pull), cancel: make(cancel), mark: 0 });
  };

  // Both branches get bytes of their own.
  core.teeBytes = (source) => {
    const reader = new core.DefaultReader(source);
    const cancelled = core.deferred();
    const branches = [0, 1].map(() => ({ isCancelled: false, reason: undefined, controller: null }));
    const live = () => branches.filter((branch) => !branch.isCancelled);
    let isReading = false;
    let readsAgain = false;

    const end = () => {
      isReading = false;
      for (const { controller } of live()) {
        controller.close();
        if (controller.byobRequest !== null) controller.respond(0);
      }
      if (live().length > 0) cancelled.resolve();
    };

    const pull = () => {
      if (isReading) {
        readsAgain = true;
        return Promise.resolve();
      }
      isReading = true;
      reader.read({
        chunk: (chunk) => upon(Promise.resolve(), () => {
          readsAgain = false;
          const heard = live();
          const copies = heard.map((_, index) => (index === 0 ? chunk : chunk.slice()));
          heard.forEach(({ controller }, index) => controller.enqueue(copies[index]));
          isReading = false;
          if (readsAgain) pull();
        }),
        close: end,
        error: () => {
          isReading = false;
        },
      });
      return Promise.resolve();
    };

    const streams = branches.map((branch) => {
      const stream = core.createBytes({
        pull,
        cancel: (reason) => {
          branch.isCancelled = true;
          branch.reason = reason;
          if (live().length === 0) {
            cancelled.resolve(source.cancel(branches.map((each) => each.reason)));
          }
          return cancelled.promise;
        },
        mark: 0,
      });
      branch.controller = core.readableOf(stream).controller;
      return stream;
    });
    upon(reader.closed.promise, () => {}, (error) => {
      for (const { controller } of branches) controller.fail(error);
      if (live().length > 0) cancelled.resolve();
    });
    return streams;
  };

  gharial.expose(ReadableStreamBYOBRequest);
  gharial.expose(ReadableByteStreamController);
  gharial.expose(ReadableStreamBYOBReader);
})
