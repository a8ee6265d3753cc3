// What writable streams and their writers know behind their public faces.
//
// Leaves in `streamCore`: Writable, DefaultWriter. Source: the Streams standard, sections 5.3
// and 5.5.
(function (gharial) {
  'use strict';
  gharial.load('stream_core');
  const core = gharial.streamCore;
  const { upon } = core;
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

  core.Writable = Writable;
  core.DefaultWriter = DefaultWriter;
})
