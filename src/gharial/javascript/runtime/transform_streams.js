// TransformStream: what is written to one side is read, changed, at the other.
//
// Source: the Streams standard, section 6.
(function (gharial) {
  'use strict';
  gharial.load('streams');
  gharial.load('writable_streams');
  const core = gharial.streamCore;
  const { upon } = core;
  const KEY = {};

  // What a stream knows, behind its public face.
  class Transform {
    readable;
    writable;
    #source;
    #sink;
    #hasBackpressure = true;
    #backpressureChange = Promise.withResolvers();
    #algorithms;
    // The promise of the end, whichever way it comes; the first one counts.
    #finish = null;

    constructor(algorithms, started, marks) {
      this.#algorithms = algorithms;
      this.writable = core.createWritable({
        ...marks.writable,
        start: () => started,
        write: (chunk) => this.#write(chunk),
        abort: (reason) => this.#aborted(reason),
        close: () => this.#closed(),
      });
      this.readable = core.createReadable(
        () => {
          this.#setBackpressure(false);
          return this.#backpressureChange.promise;
        },
        (reason) => this.#cancelled(reason),
        marks.readable.mark, marks.readable.sizeOf, () => started);
      this.#source = core.readableOf(this.readable).controller;
      this.#sink = core.writableOf(this.writable).controller;
    }

    get desiredSize() {
      return this.#source.desiredSize;
    }

    enqueue(chunk) {
      if (!this.#source.canTake) {
        throw new TypeError('the readable side is closed, or fails');
      }
      try {
        this.#source.enqueue(chunk);
      } catch (error) {
        this.#failWritable(error);
        throw this.#source.stream.error;
      }
      if (!this.#source.shouldPull && !this.#hasBackpressure) this.#setBackpressure(true);
    }

    fail(error) {
      this.#source.fail(error);
      this.#failWritable(error);
    }

    terminate() {
      if (this.#source.canTake) this.#source.close();
      this.#failWritable(new TypeError('the stream was terminated'));
    }

    #setBackpressure(hasBackpressure) {
      this.#backpressureChange.resolve();
      this.#backpressureChange = Promise.withResolvers();
      this.#hasBackpressure = hasBackpressure;
    }

    #failWritable(error) {
      this.#forget();
      this.#sink.failIfWritable(error);
      this.#unblock();
    }

    #unblock() {
      if (this.#hasBackpressure) this.#setBackpressure(false);
    }

    #forget() {
      this.#algorithms = null;
    }

    #write(chunk) {
      if (!this.#hasBackpressure) return this.#transform(chunk);
      return upon(this.#backpressureChange.promise, () => {
        const { stream } = this.#sink;
        if (stream.state === 'erroring') throw stream.error;
        return this.#transform(chunk);
      });
    }

    #transform(chunk) {
      return upon(this.#algorithms.transform(chunk), undefined, (error) => {
        this.fail(error);
        throw error;
      });
    }

    // Runs what the transformer does at the end, then `succeeded` or `failed`; returns the
    // promise of it, the same one if the end has come already.
    #end(algorithm, succeeded, failed) {
      if (this.#finish !== null) return this.#finish.promise;
      this.#finish = core.deferred();
      const { promise, resolve, reject } = this.#finish;
      const ended = algorithm(this.#algorithms);
      this.#forget();
      upon(ended, () => {
        const error = succeeded();
        if (error === null) resolve();
        else reject(error.reason);
      }, (error) => {
        failed(error);
        reject(error);
      });
      return promise;
    }

    // The writable side was aborted.
    #aborted(reason) {
      return this.#end(({ cancel }) => cancel(reason), () => {
        const { stream } = this.#source;
        if (stream.state === 'errored') return { reason: stream.error };
        this.#source.fail(reason);
        return null;
      }, (error) => this.#source.fail(error));
    }

    // All was written.
    #closed() {
      return this.#end(({ flush }) => flush(), () => {
        const { stream } = this.#source;
        if (stream.state === 'errored') return { reason: stream.error };
        if (this.#source.canTake) this.#source.close();
        return null;
      }, (error) => this.#source.fail(error));
    }

    // The readable side was cancelled.
    #cancelled(reason) {
      return this.#end(({ cancel }) => cancel(reason), () => {
        const { stream } = this.#sink;
        if (stream.state === 'errored') return { reason: stream.error };
        this.#sink.failIfWritable(reason);
        this.#unblock();
        return null;
      }, (error) => {
        this.#sink.failIfWritable(error);
        this.#unblock();
      });
    }
  }

  class TransformStreamDefaultController {
    #inner;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
    }

    get desiredSize() {
      return this.#inner.desiredSize;
    }

    enqueue(chunk = undefined) {
      this.#inner.enqueue(chunk);
    }

    error(reason = undefined) {
      this.#inner.fail(reason);
    }

    terminate() {
      this.#inner.terminate();
    }

    static {
      core.tieTransform = (face, inner) => {
        face.#inner = inner;
      };
    }
  }

  class TransformStream {
    #inner;

    constructor(transformer = undefined, writableStrategy = {}, readableStrategy = {}) {
      const [forWritable, forReadable] =
        [writableStrategy, readableStrategy].map(core.readStrategy);
      const given = core.underlying(transformer, 'the transformer', [
        'cancel', 'flush', 'readableType', 'start', 'transform', 'writableType',
      ]);
      if (given.readableType !== undefined || given.writableType !== undefined) {
        throw new RangeError('there are no types of transform streams');
      }
      const marks = {
        readable: { mark: core.markOf(forReadable, 0), sizeOf: core.sizeOf(forReadable) },
        writable: { mark: core.markOf(forWritable, 1), sizeOf: core.sizeOf(forWritable) },
      };
      const face = new TransformStreamDefaultController(KEY);
      const transform = given.transform === undefined
        ? (chunk) => core.promised(() => this.#inner.enqueue(chunk))
        : core.algorithm(transformer, given.transform);
      const flush = core.algorithm(transformer, given.flush);
      const started = Promise.withResolvers();
      this.#inner = new Transform({
        transform: (chunk) => transform(chunk, face),
        flush: () => flush(face),
        cancel: core.algorithm(transformer, given.cancel),
      }, started.promise, marks);
      core.tieTransform(face, this.#inner);
      started.resolve(given.start && Reflect.apply(given.start, transformer, [face]));
    }

    get readable() {
      return this.#inner.readable;
    }

    get writable() {
      return this.#inner.writable;
    }
  }

  gharial.expose(TransformStreamDefaultController);
  gharial.TransformStream = gharial.expose(TransformStream);
})
