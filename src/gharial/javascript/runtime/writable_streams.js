// WritableStream with its default writer and controller.
//
// Leaves in `gharial`: WritableStream, and in `streamCore`: createWritable, writableOf.
// Source: the Streams standard, section 5.
(function (gharial) {
  'use strict';
  gharial.load('writable_core');
  const core = gharial.streamCore;
  const { Writable, DefaultWriter } = core;
  const { upon, promised } = core;
  const KEY = {};
  // Stands in the queue for the end of the stream.
  const END = {};
  const released = () => new TypeError('the writer was released');
  const closed = () => new TypeError('the stream is closed, or about to be');

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

  gharial.expose(WritableStreamDefaultController);
  gharial.expose(WritableStreamDefaultWriter);
  gharial.WritableStream = gharial.expose(WritableStream);
})
