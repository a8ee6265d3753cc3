// WritableStream with its default writer and controller.
//
// Leaves in `gharial`: WritableStream, and in `streamCore`: createWritable, writableOf,
// DefaultWriter. Source: the Streams standard, section 5.
(function (gharial) {
  'use strict';
  gharial.load('stream_core');
  const core = gharial.streamCore;
  const { upon, promised } = core;
  const KEY = {};
  // Stands in the queue for the end of the stream.
  const END = {};
  const released = () => new TypeError('the writer was released');
  const closed = () => new TypeError('the stream is closed, or about to be');

  // What a stream knows, behind its public face. From `writable` it goes to `closed`, or by
  // way of `erroring`, while the sink is still at work, to `errored`.
  class Writable {
    state = 'writable';
    error = undefined;
    writer = null;
    controller = null;
    hasBackpressure = false;
    face = null;
    // Promises of what the sink does now, and of what is asked for.
    writes = [];
    writeInFlight = null;
    closing = null;
    closeInFlight = null;
    aborting = null;

    get isClosing() {
      return this.closing !== null || this.closeInFlight !== null;
    }

    get isAtWork() {
      return this.writeInFlight !== null || this.closeInFlight !== null;
    }

    close() {
      if (this.state === 'closed' || this.state === 'errored' || this.isClosing) {
        return Promise.reject(closed());
      }
      this.closing = core.deferred();
      const { promise } = this.closing;
      if (this.hasBackpressure && this.state === 'writable') this.writer?.ready.resolve();
      this.controller.close();
      return promise;
    }

    abort(reason) {
      if (this.state === 'closed' || this.state === 'errored') return Promise.resolve();
      this.controller.signalAbort(reason);
      // A listener of the signal may have changed it.
      if (this.state === 'closed' || this.state === 'errored') return Promise.resolve();
      if (this.aborting !== null) return this.aborting.ended.promise;
      const wasErroring = this.state === 'erroring';
      const ended = core.deferred();
      this.aborting = { ended, wasErroring, reason: wasErroring ? undefined : reason };
      if (!wasErroring) this.startErroring(reason);
      return ended.promise;
    }

    startErroring(reason) {
      this.state = 'erroring';
      this.error = reason;
      this.writer?.rejectReady(reason);
      if (!this.isAtWork && this.controller.hasStarted) this.finishErroring();
    }

    finishErroring() {
      this.state = 'errored';
      this.controller.queue.clear();
      const { writes, aborting } = this;
      this.writes = [];
      for (const write of writes) write.reject(this.error);
      this.aborting = null;
      if (aborting === null) {
        this.rejectClosed();
        return;
      }
      if (aborting.wasErroring) {
        aborting.ended.reject(this.error);
        this.rejectClosed();
        return;
      }
      upon(this.controller.abortSteps(aborting.reason), () => {
        aborting.ended.resolve();
        this.rejectClosed();
      }, (error) => {
        aborting.ended.reject(error);
        this.rejectClosed();
      });
    }

    // Deals with what the sink, or its start, was rejected with.
    failed(error) {
      if (this.state === 'writable') this.startErroring(error);
      else this.finishErroring();
    }

    rejectClosed() {
      if (this.closing !== null) {
        this.closing.reject(this.error);
        this.closing = null;
      }
      this.writer?.rejectClosed(this.error);
    }

    writeEnded() {
      this.writeInFlight.resolve();
      this.writeInFlight = null;
    }

    writeFailed(error) {
      this.writeInFlight.reject(error);
      this.writeInFlight = null;
      this.failed(error);
    }

    closeEnded() {
      this.closeInFlight.resolve();
      this.closeInFlight = null;
      if (this.state === 'erroring') {
        // The end came first: what was to fail did not.
        this.error = undefined;
        this.aborting?.ended.resolve();
        this.aborting = null;
      }
      this.state = 'closed';
      this.writer?.closed.resolve();
    }

    closeFailed(error) {
      this.closeInFlight.reject(error);
      this.closeInFlight = null;
      this.aborting?.ended.reject(error);
      this.aborting = null;
      this.failed(error);
    }

    updateBackpressure(hasBackpressure) {
      if (this.writer !== null && hasBackpressure !== this.hasBackpressure) {
        if (hasBackpressure) this.writer.ready = core.shown();
        else this.writer.ready.resolve();
      }
      this.hasBackpressure = hasBackpressure;
    }
  }

  // A writer, behind its public face.
  class DefaultWriter {
    stream;
    ready;
    closed;

    constructor(stream) {
      if (stream.writer !== null) throw new TypeError('the stream is locked');
      this.stream = stream;
      stream.writer = this;
      const { state } = stream;
      const waits = state === 'writable' && !stream.isClosing && stream.hasBackpressure;
      const hasFailed = state === 'erroring' || state === 'errored';
      if (hasFailed) this.ready = core.rejected(stream.error);
      else this.ready = waits ? core.shown() : core.resolved();
      if (state === 'closed') this.closed = core.resolved();
      else this.closed = state === 'errored' ? core.rejected(stream.error) : core.shown();
    }

    get desiredSize() {
      const { state, controller } = this.stream;
      if (state === 'errored' || state === 'erroring') return null;
      return state === 'closed' ? 0 : controller.desiredSize;
    }

    write(chunk) {
      const { stream } = this;
      const size = stream.controller.sizeOfChunk(chunk);
      // The strategy's code may have done anything.
      if (this.stream !== stream) return Promise.reject(released());
      if (stream.state === 'errored') return Promise.reject(stream.error);
      if (stream.isClosing || stream.state === 'closed') return Promise.reject(closed());
      if (stream.state === 'erroring') return Promise.reject(stream.error);
      const write = core.deferred();
      stream.writes.push(write);
      stream.controller.write(chunk, size);
      return write.promise;
    }

    // As the end of what is piped here.
    closeOrFail() {
      const { stream } = this;
      if (stream.isClosing || stream.state === 'closed') return Promise.resolve();
      if (stream.state === 'errored') return Promise.reject(stream.error);
      return stream.close();
    }

    rejectReady(error) {
      if (this.ready.isPending) this.ready.reject(error);
      else this.ready = core.rejected(error);
    }

    rejectClosed(error) {
      if (this.closed.isPending) this.closed.reject(error);
      else this.closed = core.rejected(error);
    }

    release() {
      const error = released();
      this.rejectReady(error);
      this.rejectClosed(error);
      this.stream.writer = null;
      this.stream = null;
    }
  }

  class Controller {
    queue = new core.Queue();
    stream;
    face = null;
    hasStarted = false;
    #mark;
    #sizeOf;
    #write;
    #close;
    #abort;
    #signal = null;
    #abortion = null;

    constructor(stream, { write, close, abort, mark, sizeOf }) {
      this.stream = stream;
      stream.controller = this;
      this.#mark = mark;
      this.#sizeOf = sizeOf;
      this.#write = write;
      this.#close = close;
      this.#abort = abort;
      stream.updateBackpressure(this.#hasBackpressure);
    }

    // `result` is what the sink's start returned.
    started(result) {
      upon(Promise.resolve(result), () => {
        this.hasStarted = true;
        this.#advance();
      }, (error) => {
        this.hasStarted = true;
        this.stream.failed(error);
      });
    }

    // Made when a sink first asks for it: most do not.
    get signal() {
      if (this.#signal === null) {
        gharial.load('abort');
        this.#signal = new gharial.AbortController();
        if (this.#abortion !== null) this.#signal.abort(this.#abortion.reason);
      }
      return this.#signal.signal;
    }

    signalAbort(reason) {
      this.#abortion ??= { reason };
      this.#signal?.abort(reason);
    }

    get desiredSize() {
      return this.#mark - this.queue.total;
    }

    get #hasBackpressure() {
      return this.desiredSize <= 0;
    }

    sizeOfChunk(chunk) {
      // The sink needs no more chunks, and the strategy no more calls.
      if (this.#sizeOf === null) return 1;
      try {
        return this.#sizeOf(chunk);
      } catch (error) {
        this.failIfWritable(error);
        return 1;
      }
    }

    write(chunk, size) {
      try {
        this.queue.push(chunk, size);
      } catch (error) {
        this.failIfWritable(error);
        return;
      }
      const { stream } = this;
      if (!stream.isClosing && stream.state === 'writable') {
        stream.updateBackpressure(this.#hasBackpressure);
      }
      this.#advance();
    }

    close() {
      this.queue.push(END, 0);
      this.#advance();
    }

    failIfWritable(error) {
      if (this.stream.state === 'writable') this.fail(error);
    }

    fail(error) {
      this.#forget();
      this.stream.startErroring(error);
    }

    abortSteps(reason) {
      const result = this.#abort(reason);
      this.#forget();
      return result;
    }

    #advance() {
      const { stream } = this;
      if (!this.hasStarted || stream.writeInFlight !== null) return;
      if (stream.state === 'erroring') {
        stream.finishErroring();
        return;
      }
      if (this.queue.length === 0) return;
      const chunk = this.queue.peek();
      if (chunk === END) this.#processEnd();
      else this.#process(chunk);
    }

    #process(chunk) {
      const { stream } = this;
      stream.writeInFlight = stream.writes.shift();
      upon(this.#write(chunk, this.face), () => {
        stream.writeEnded();
        this.queue.shift();
        if (!stream.isClosing && stream.state === 'writable') {
          stream.updateBackpressure(this.#hasBackpressure);
        }
        this.#advance();
      }, (error) => {
        if (stream.state === 'writable') this.#forget();
        stream.writeFailed(error);
      });
    }

    #processEnd() {
      const { stream } = this;
      stream.closeInFlight = stream.closing;
      stream.closing = null;
      this.queue.shift();
      const ended = this.#close();
      this.#forget();
      upon(ended, () => stream.closeEnded(), (error) => stream.closeFailed(error));
    }

    // Nothing of the sink is called any more.
    #forget() {
      this.#write = this.#close = this.#abort = this.#sizeOf = null;
    }
  }

  class WritableStreamDefaultController {
    #inner;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      [, this.#inner] = made;
    }

    get signal() {
      return this.#inner.signal;
    }

    error(reason = undefined) {
      this.#inner.failIfWritable(reason);
    }
  }

  let writableOf;

  class WritableStreamDefaultWriter {
    #inner;

    constructor(stream) {
      gharial.required(1, arguments.length, "'WritableStreamDefaultWriter' constructor");
      this.#inner = new DefaultWriter(writableOf(stream));
    }

    get closed() {
      return promised(() => this.#inner.closed.promise);
    }

    get desiredSize() {
      this.#live();
      return this.#inner.desiredSize;
    }

    get ready() {
      return promised(() => this.#inner.ready.promise);
    }

    abort(reason = undefined) {
      return promised(() => this.#live().abort(reason));
    }

    close() {
      return promised(() => {
        const stream = this.#live();
        if (stream.isClosing) throw closed();
        return stream.close();
      });
    }

    releaseLock() {
      if (this.#inner.stream !== null) this.#inner.release();
    }

    write(chunk = undefined) {
      return promised(() => {
        this.#live();
        return this.#inner.write(chunk);
      });
    }

    #live() {
      if (this.#inner.stream === null) throw released();
      return this.#inner.stream;
    }
  }

  const setUp = (inner, algorithms, start) => {
    const controller = new Controller(inner, algorithms);
    controller.face = new WritableStreamDefaultController(KEY, controller);
    controller.started(start(controller.face));
  };

  class WritableStream {
    #inner = new Writable();

    constructor(sink = undefined, strategy = {}) {
      this.#inner.face = this;
      // A stream of the platform's own, whose algorithms are ready.
      if (sink === KEY) {
        setUp(this.#inner, strategy, strategy.start);
        return;
      }
      const given = core.readStrategy(strategy);
      const { abort, close, start, type, write } = core.underlying(
        sink, 'the underlying sink', ['abort', 'close', 'start', 'type', 'write']);
      if (type !== undefined) throw new RangeError('there are no types of writable streams');
      setUp(this.#inner, {
        sizeOf: core.sizeOf(given),
        mark: core.markOf(given, 1),
        write: core.algorithm(sink, write),
        close: core.algorithm(sink, close),
        abort: core.algorithm(sink, abort),
      }, (controller) => start && Reflect.apply(start, sink, [controller]));
    }

    get locked() {
      return this.#inner.writer !== null;
    }

    abort(reason = undefined) {
      return promised(() => {
        if (this.locked) throw new TypeError('the stream is locked');
        return this.#inner.abort(reason);
      });
    }

    close() {
      return promised(() => {
        if (this.locked) throw new TypeError('the stream is locked');
        if (this.#inner.isClosing) throw closed();
        return this.#inner.close();
      });
    }

    getWriter() {
      this.#inner;
      return new WritableStreamDefaultWriter(this);
    }

    static {
      writableOf = core.writableOf = (stream) => {
        if (typeof stream !== 'object' || stream === null || !(#inner in stream)) {
          throw new TypeError('the argument is not a WritableStream');
        }
        return stream.#inner;
      };
    }
  }

  // Returns a stream with algorithms: write, close and abort return promises.
  core.createWritable = (algorithms) => new WritableStream(KEY, {
    mark: 1, sizeOf: () => 1, start: () => undefined, ...algorithms,
  });
  core.DefaultWriter = DefaultWriter;

  gharial.expose(WritableStreamDefaultController);
  gharial.expose(WritableStreamDefaultWriter);
  gharial.WritableStream = gharial.expose(WritableStream);
})
