// ReadableStream as far as Blob.stream() and simple sources need it: a default reader,
// cancelling, asynchronous iteration. Not there: byte streams, pipes, tee.
//
// Source: the Streams standard, section 4.
(function (gharial) {
  'use strict';

  class ReadableStream {
    #queue = [];
    #waiting = [];
    #state = 'readable';
    #error;
    #reader = null;
    #source;
    #closeRequested = false;
    #isPulling = false;
    #started = false;

    constructor(source = {}) {
      this.#source = source ?? {};
      const stream = this;
      const controller = {
        get desiredSize() {
          if (stream.#state === 'errored') return null;
          return stream.#state === 'closed' ? 0 : 1 - stream.#queue.length;
        },
        enqueue(chunk) {
          if (stream.#closeRequested || stream.#state !== 'readable') {
            throw new TypeError('the stream is closed');
          }
          const waiting = stream.#waiting.shift();
          if (waiting !== undefined) waiting.resolve({ value: chunk, done: false });
          else stream.#queue.push(chunk);
        },
        close() {
          if (stream.#closeRequested || stream.#state !== 'readable') {
            throw new TypeError('the stream is closed');
          }
          stream.#closeRequested = true;
          if (stream.#queue.length === 0) stream.#close();
        },
        error(reason) {
          stream.#fail(reason);
        },
      };
      this.#pull = async () => {
        if (this.#isPulling || !this.#started || this.#state !== 'readable' ||
            this.#closeRequested || typeof this.#source.pull !== 'function') return;
        this.#isPulling = true;
        try {
          await this.#source.pull(controller);
        } catch (error) {
          this.#fail(error);
        }
        this.#isPulling = false;
        if (this.#waiting.length > 0 || this.#queue.length < 1) this.#pull();
      };
      const begun = this.#source.start?.(controller);
      Promise.resolve(begun).then(
        () => {
          this.#started = true;
          this.#pull();
        },
        (error) => this.#fail(error),
      );
    }

    #pull;

    #close() {
      this.#state = 'closed';
      for (const waiting of this.#waiting) {
        waiting.resolve({ value: undefined, done: true });
      }
      this.#waiting = [];
      this.#reader?.settle.resolve();
    }

    #fail(reason) {
      if (this.#state !== 'readable') return;
      this.#state = 'errored';
      this.#error = reason;
      this.#queue = [];
      for (const waiting of this.#waiting) waiting.reject(reason);
      this.#waiting = [];
      this.#reader?.settle.reject(reason);
    }

    #read() {
      if (this.#queue.length > 0) {
        const value = this.#queue.shift();
        if (this.#queue.length === 0 && this.#closeRequested) this.#close();
        else this.#pull();
        return Promise.resolve({ value, done: false });
      }
      if (this.#state === 'closed') {
        return Promise.resolve({ value: undefined, done: true });
      }
      if (this.#state === 'errored') return Promise.reject(this.#error);
      const waiting = Promise.withResolvers();
      this.#waiting.push(waiting);
      this.#pull();
      return waiting.promise;
    }

    async #cancel(reason) {
      if (this.#state === 'errored') throw this.#error;
      if (this.#state === 'closed') return;
      this.#queue = [];
      this.#close();
      await this.#source.cancel?.(reason);
    }

    get locked() {
      return this.#reader !== null;
    }

    cancel(reason = undefined) {
      if (this.#reader !== null) {
        return Promise.reject(new TypeError('the stream is locked'));
      }
      return this.#cancel(reason);
    }

    getReader() {
      if (this.#reader !== null) throw new TypeError('the stream is locked');
      const settle = Promise.withResolvers();
      // Nobody need look at `closed`.
      settle.promise.catch(() => {});
      if (this.#state === 'closed') settle.resolve();
      if (this.#state === 'errored') settle.reject(this.#error);
      const ticket = { settle };
      this.#reader = ticket;
      const released = () => Promise.reject(new TypeError('the reader was released'));
      return {
        closed: settle.promise,
        read: () => (this.#reader === ticket ? this.#read() : released()),
        cancel: (reason) => (this.#reader === ticket ? this.#cancel(reason) : released()),
        releaseLock: () => {
          if (this.#reader !== ticket) return;
          this.#reader = null;
          for (const waiting of this.#waiting) {
            waiting.reject(new TypeError('the reader was released'));
          }
          this.#waiting = [];
        },
      };
    }

    async *values({ preventCancel = false } = {}) {
      const reader = this.getReader();
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          yield value;
        }
      } finally {
        if (!preventCancel) await reader.cancel();
        reader.releaseLock();
      }
    }
  }

  gharial.ReadableStream = gharial.expose(ReadableStream);
  Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
    value: ReadableStream.prototype.values, writable: true, configurable: true,
  });
})
