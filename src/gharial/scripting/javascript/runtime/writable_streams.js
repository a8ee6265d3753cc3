// WritableStream, as far as sinks of our own need it: a default writer, back-pressure by
// the number of chunks, closing and aborting. Not there: pipes, strategies with sizes.
//
// Source: the Streams standard, section 5.
(function (gharial) {
  'use strict';

  // A promise that nobody need look at when it is rejected.
  const deferred = () => {
    const made = Promise.withResolvers();
    made.promise.catch(() => {});
    return made;
  };

  class WritableStream {
    #sink;
    #highWaterMark;
    // Chunks that wait, each with the promise of its write; the first may be in the sink.
    #queue = [];
    #state = 'writable';
    #error;
    #isBusy = true;
    #writer = null;
    #ready = deferred();
    #closed = deferred();
    #closing = null;
    #controller;

    constructor(sink = {}, { highWaterMark = 1 } = {}) {
      this.#sink = sink ?? {};
      this.#highWaterMark = Number(highWaterMark);
      if (!(this.#highWaterMark >= 0)) throw new RangeError('highWaterMark must be 0 or more');
      this.#controller = { error: (reason) => this.#fail(reason) };
      if (this.#desiredSize() > 0) this.#ready.resolve();
      Promise.resolve(this.#sink.start?.(this.#controller)).then(
        () => {
          this.#isBusy = false;
          this.#advance();
        },
        (error) => this.#fail(error),
      );
    }

    #desiredSize() {
      if (this.#state === 'errored') return null;
      return this.#state === 'closed' ? 0 : this.#highWaterMark - this.#queue.length;
    }

    async #advance() {
      if (this.#isBusy || this.#state !== 'writable') return;
      if (this.#queue.length === 0) {
        if (this.#closing !== null) await this.#finish();
        return;
      }
      this.#isBusy = true;
      const [{ chunk, written }] = this.#queue;
      try {
        await this.#sink.write?.(chunk, this.#controller);
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (this.#state !== 'writable') return;
      this.#queue.shift();
      this.#isBusy = false;
      written.resolve();
      if (this.#desiredSize() > 0) this.#ready.resolve();
      this.#advance();
    }

    async #finish() {
      this.#isBusy = true;
      try {
        await this.#sink.close?.();
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (this.#state !== 'writable') return;
      this.#state = 'closed';
      this.#closing.resolve();
      this.#closed.resolve();
    }

    #fail(reason) {
      if (this.#state !== 'writable') return;
      this.#state = 'errored';
      this.#error = reason;
      for (const { written } of this.#queue) written.reject(reason);
      this.#queue = [];
      this.#ready.reject(reason);
      this.#ready = deferred();
      this.#ready.reject(reason);
      this.#closing?.reject(reason);
      this.#closed.reject(reason);
    }

    #write(chunk) {
      if (this.#state === 'errored') return Promise.reject(this.#error);
      if (this.#state === 'closed' || this.#closing !== null) {
        return Promise.reject(new TypeError('the stream is closed or closing'));
      }
      const written = deferred();
      this.#queue.push({ chunk, written });
      if (this.#desiredSize() === 0) this.#ready = deferred();
      this.#advance();
      return written.promise;
    }

    #close() {
      if (this.#state === 'errored') return Promise.reject(this.#error);
      if (this.#state === 'closed' || this.#closing !== null) {
        return Promise.reject(new TypeError('the stream is closed or closing'));
      }
      this.#closing = deferred();
      this.#advance();
      return this.#closing.promise;
    }

    async #abort(reason) {
      if (this.#state !== 'writable') return;
      this.#fail(reason);
      await this.#sink.abort?.(reason);
    }

    get locked() {
      return this.#writer !== null;
    }

    close() {
      if (this.#writer !== null) return Promise.reject(new TypeError('the stream is locked'));
      return this.#close();
    }

    abort(reason = undefined) {
      if (this.#writer !== null) return Promise.reject(new TypeError('the stream is locked'));
      return this.#abort(reason);
    }

    getWriter() {
      if (this.#writer !== null) throw new TypeError('the stream is locked');
      const stream = this;
      const isOurs = () => stream.#writer === writer;
      const released = () => Promise.reject(new TypeError('the writer was released'));
      const writer = {
        get closed() { return isOurs() ? stream.#closed.promise : released(); },
        get ready() { return isOurs() ? stream.#ready.promise : released(); },
        get desiredSize() {
          if (!isOurs()) throw new TypeError('the writer was released');
          return stream.#desiredSize();
        },
        write: (chunk) => (isOurs() ? stream.#write(chunk) : released()),
        close: () => (isOurs() ? stream.#close() : released()),
        abort: (reason) => (isOurs() ? stream.#abort(reason) : released()),
        releaseLock: () => { if (isOurs()) stream.#writer = null; },
      };
      this.#writer = writer;
      return writer;
    }
  }

  gharial.WritableStream = gharial.expose(WritableStream);
})
