// What ties streams together: pipes, tees, and streams made of iterables.
//
// Leaves in `streamCore`: pipeTo, pipeThrough, tee, teeBytes, streamFrom. Source: the Streams
// standard, sections 4.2 and 4.9.
(function (gharial) {
  'use strict';
  gharial.load('streams');
  gharial.load('writable_streams');
  const core = gharial.streamCore;
  const { upon } = core;

  // -- Pipes --------------------------------------------------------------------------------

  const readOptions = (options) => {
    const given = core.dictionary(options, 'the options');
    const read = {
      preventAbort: !!given.preventAbort,
      preventCancel: !!given.preventCancel,
      preventClose: !!given.preventClose,
      signal: given.signal,
    };
    if (read.signal !== undefined) {
      gharial.load('abort');
      // Throws for what is no signal.
      gharial.isAborted(read.signal);
    }
    return read;
  };

  class Pipe {
    #source;
    #destination;
    #options;
    #reader;
    #writer;
    #isEnding = false;
    #lastWrite = Promise.resolve();
    #done = core.deferred();
    #forgetSignal = null;

    constructor(source, destination, options) {
      this.#source = source;
      this.#destination = destination;
      this.#options = options;
      this.#reader = new core.DefaultReader(source);
      this.#writer = new core.DefaultWriter(destination);
      source.isDisturbed = true;
    }

    start() {
      const { signal } = this.#options;
      if (signal !== undefined) {
        if (signal.aborted) {
          this.#abort(signal.reason);
          return this.#done.promise;
        }
        this.#forgetSignal = gharial.onAbort(signal, () => this.#abort(signal.reason));
      }
      this.#watch();
      this.#pump();
      return this.#done.promise;
    }

    // Ends come in this order where several are there at once.
    #watch() {
      const [source, destination] = [this.#source, this.#destination];
      const { preventAbort, preventCancel } = this.#options;
      const watch = (state, value, promise, end) => {
        if (state === value) end();
        else upon(promise, ...(value === 'closed' ? [end, () => {}] : [undefined, end]));
      };
      watch(source.state, 'errored', this.#reader.closed.promise, () => {
        this.#end(preventAbort ? null : () => destination.abort(source.error), source);
      });
      watch(destination.state, 'errored', this.#writer.closed.promise, () => {
        this.#end(preventCancel ? null : () => source.cancel(destination.error), destination);
      });
      watch(source.state, 'closed', this.#reader.closed.promise, () => {
        this.#end(this.#options.preventClose ? null : () => this.#writer.closeOrFail());
      });
      if (destination.isClosing || destination.state === 'closed') {
        const failure = { error: new TypeError('the destination is closed') };
        this.#end(preventCancel ? null : () => source.cancel(failure.error), failure);
      }
    }

    #pump() {
      if (this.#isEnding) return;
      upon(this.#writer.ready.promise, () => {
        if (this.#isEnding) return;
        this.#reader.read({
          chunk: (chunk) => {
            // A chunk that was read is written, whatever ends the pipe meanwhile.
            this.#lastWrite = upon(this.#writer.write(chunk), () => {}, () => {});
            this.#pump();
          },
          close: () => {},
          error: () => {},
        });
      }, () => {});
    }

    #abort(reason) {
      const [source, destination] = [this.#source, this.#destination];
      const { preventAbort, preventCancel } = this.#options;
      this.#end(() => Promise.all([
        ...(preventAbort ? [] : [
          destination.state === 'writable' ? destination.abort(reason) : undefined]),
        ...(preventCancel ? [] : [
          source.state === 'readable' ? source.cancel(reason) : undefined]),
      ]), { error: reason });
    }

    // Does what the end wants done; `failure` has the error that the pipe is rejected with.
    #end(action, failure = null) {
      if (this.#isEnding) return;
      this.#isEnding = true;
      const finish = () => {
        if (action === null) {
          this.#finalize(failure);
          return;
        }
        upon(core.promised(action), () => this.#finalize(failure),
          (error) => this.#finalize({ error }));
      };
      if (this.#destination.state === 'writable' && !this.#destination.isClosing) {
        this.#whenWritten(finish);
      } else {
        finish();
      }
    }

    #whenWritten(finish) {
      const last = this.#lastWrite;
      const again = () => {
        if (last === this.#lastWrite) finish();
        else this.#whenWritten(finish);
      };
      upon(last, again, again);
    }

    #finalize(failure) {
      this.#writer.release();
      this.#reader.release();
      this.#forgetSignal?.();
      if (failure === null) this.#done.resolve();
      else this.#done.reject(failure.error);
    }
  }

  core.pipeTo = (source, destination, options) => {
    const target = core.writableOf(destination);
    const read = readOptions(options);
    if (source.reader !== null) throw new TypeError('the stream is locked');
    if (target.writer !== null) throw new TypeError('the destination is locked');
    return new Pipe(source, target, read).start();
  };

  core.pipeThrough = (source, transform, options) => {
    const pair = core.dictionary(transform, 'the transform');
    const { readable, writable } = pair;
    core.readableOf(readable);
    const target = core.writableOf(writable);
    const read = readOptions(options);
    if (source.reader !== null) throw new TypeError('the stream is locked');
    if (target.writer !== null) throw new TypeError('the writable side is locked');
    core.handled(new Pipe(source, target, read).start());
    return readable;
  };

  // -- Tees ---------------------------------------------------------------------------------

  // Returns two streams that both get what a stream has. `deliver` hands a chunk to the
  // controllers of those that are not cancelled, `end` tells one of them of the end, and
  // `create` makes a stream of a pull and a cancel.
  const teeWith = (source, { create, deliver, end }) => {
    const reader = new core.DefaultReader(source);
    const branches = [0, 1].map(() => ({ isCancelled: false, reason: undefined, controller: null }));
    const cancelled = core.deferred();
    let isReading = false;
    let readsAgain = false;
    const live = () => branches.filter((branch) => !branch.isCancelled)
      .map((branch) => branch.controller);

    const pull = () => {
      if (isReading) {
        readsAgain = true;
        return Promise.resolve();
      }
      isReading = true;
      reader.read({
        // In a microtask, so that an error that comes with the chunk is known before.
        chunk: (chunk) => upon(Promise.resolve(), () => {
          readsAgain = false;
          deliver(live(), chunk);
          isReading = false;
          if (readsAgain) pull();
        }),
        close: () => {
          isReading = false;
          for (const controller of live()) end(controller);
          if (live().length > 0) cancelled.resolve();
        },
        error: () => {
          isReading = false;
        },
      });
      return Promise.resolve();
    };

    const streams = branches.map((branch) => {
      const stream = create(pull, (reason) => {
        branch.isCancelled = true;
        branch.reason = reason;
        if (live().length === 0) {
          cancelled.resolve(source.cancel(branches.map((each) => each.reason)));
        }
        return cancelled.promise;
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

  core.tee = (source) => teeWith(source, {
    create: core.createReadable,
    deliver(controllers, chunk) {
      for (const controller of controllers) controller.enqueue(chunk);
    },
    end: (controller) => controller.close(),
  });

  // Both branches get bytes of their own.
  core.teeBytes = (source) => teeWith(source, {
    create: (pull, cancel) => core.createBytes({ pull, cancel, mark: 0 }),
    deliver(controllers, chunk) {
      const copies = controllers.map((_, index) => (index === 0 ? chunk : chunk.slice()));
      controllers.forEach((controller, index) => controller.enqueue(copies[index]));
    },
    end(controller) {
      controller.close();
      if (controller.byobRequest !== null) controller.respond(0);
    },
  });

  // -- Iterables ----------------------------------------------------------------------------

  const isObject = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  // Returns an asynchronous iterator's functions next and return.
  const iteratorOf = (iterable) => {
    const method = iterable[Symbol.asyncIterator] ?? undefined;
    const isAsync = method !== undefined;
    const begin = isAsync ? method : iterable[Symbol.iterator];
    if (typeof begin !== 'function') throw new TypeError('the argument is not iterable');
    const iterator = Reflect.apply(begin, iterable, []);
    if (!isObject(iterator)) throw new TypeError('the iterator is not an object');
    const { next } = iterator;
    const checked = (result) => {
      if (!isObject(result)) throw new TypeError("the iterator's result is not an object");
      return result;
    };
    // The values of ordinary iterators are awaited, as `for await` does it.
    const settled = (result) => (isAsync ? Promise.resolve(result).then(checked)
      : Promise.resolve(checked(result).value).then((value) => ({ value, done: result.done })));
    return {
      next: () => settled(Reflect.apply(next, iterator, [])),
      return: (reason) => {
        const end = iterator.return ?? undefined;
        if (end === undefined) return undefined;
        return settled(Reflect.apply(end, iterator, [reason]));
      },
    };
  };

  core.streamFrom = (iterable) => {
    if (iterable === undefined || iterable === null) {
      throw new TypeError('the argument is not iterable');
    }
    const iterator = iteratorOf(iterable);
    let controller = null;
    const stream = core.createReadable(
      () => core.promised(() => upon(iterator.next(), (result) => {
        if (result.done) controller.close();
        else controller.enqueue(result.value);
      })),
      (reason) => core.promised(() => iterator.return(reason)).then(() => undefined),
      0);
    ({ controller } = core.readableOf(stream));
    return stream;
  };
})
