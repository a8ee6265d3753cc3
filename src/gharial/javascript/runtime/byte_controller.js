// The controller of a readable stream of bytes: what is queued, and the buffers of the script's
// that are being filled.
//
// Leaves in `streamCore`: ByteController. Source: the Streams standard, sections 4.7 and 4.10.11.
(function (gharial) {
  'use strict';
  gharial.load('streams');
  const core = gharial.streamCore;
  const { subarray } = Uint8Array.prototype;
  const transferred = (buffer) => buffer.transfer();

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

  core.ByteController = class extends core.Controller {
    total = 0;
    #queue = [];
    #pending = [];
    #request = null;
    #chunkSize;

    constructor(stream, algorithms) {
      super(stream, algorithms);
      this.#chunkSize = algorithms.chunkSize;
    }

    get byobRequest() {
      if (this.#request === null && this.#pending.length > 0) {
        const [first] = this.#pending;
        const view = new Uint8Array(
          first.buffer, first.offset + first.filled, first.length - first.filled);
        this.#request = core.makeByobRequest(this, view);
      }
      return this.#request;
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
        while (reader.requests.length > 0 && this.total > 0) {
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
      if (this.total > 0) {
        this.isCloseRequested = true;
        return;
      }
      const [first] = this.#pending;
      if (first !== undefined && first.filled % first.elementSize !== 0) {
        const error = new TypeError('the stream ends within an element of the view');
        this.fail(error);
        throw error;
      }
      this.isCloseRequested = true;
      this.forget();
      this.stream.close();
    }

    pullSteps(request) {
      if (this.total > 0) {
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
      if (this.total > 0) {
        if (this.#fill(made)) {
          const filled = this.#converted(made);
          this.#queueDrained();
          request.chunk(filled);
          return;
        }
        if (this.isCloseRequested) {
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
      const most = Math.min(this.total, each.length - each.filled);
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
        this.total -= count;
        each.filled += count;
        left -= count;
      }
      return isReady;
    }

    #fillPending() {
      const filled = [];
      while (this.#pending.length > 0 && this.total > 0) {
        if (this.#fill(this.#pending[0])) filled.push(this.#pending.shift());
      }
      return filled;
    }

    #fillRequest(request) {
      const { buffer, offset, length } = this.#queue.shift();
      this.total -= length;
      this.#queueDrained();
      request.chunk(new Uint8Array(buffer, offset, length));
    }

    #queueDrained() {
      if (this.total === 0 && this.isCloseRequested) {
        this.forget();
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
      this.total += length;
    }

    #invalidate() {
      if (this.#request !== null) core.invalidateByobRequest(this.#request);
      this.#request = null;
    }

    clear() {
      this.#invalidate();
      this.#pending = [];
      this.#queue = [];
      this.total = 0;
    }
  };
})
