// The bodies of Request and Response: bytes, what arrives over HTTP, or a stream.
//
// Leaves in `gharial`: Body, defineBody. Source: the Fetch standard, sections 2.2.4 and 5.3.
//
// A stream is made when a script asks for one: most read text or JSON, which needs none.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  const INTERNAL = {};
  const used = () => new TypeError('the body was read already, or a reader has its stream');

  const joined = (chunks) => {
    if (chunks.length === 1) return chunks[0];
    const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      all.set(chunk, offset);
      offset += chunk.length;
    }
    return all;
  };

  // Closes a stream of bytes; a reader that waits with a buffer of its own gets that back.
  const closed = (controller) => {
    controller.close();
    controller.byobRequest?.respond(0);
  };

  const checkedChunk = (chunk) => {
    if (chunk instanceof Uint8Array) return chunk;
    throw new TypeError('the body has a chunk that is not a Uint8Array');
  };

  gharial.Body = class Body {
    // One of these three is there; the stream replaces the others.
    #bytes = null;
    #arriving = null;
    #stream = null;
    #isUsed = false;
    #failure = null;
    // Rejects what waits for all of the body.
    #reject = null;
    // Called once, when nothing more will arrive.
    #onEnd = null;

    // Takes a string, an ArrayBuffer, a Uint8Array, a body of http_bodies.js or a stream.
    constructor(content, onEnd = null) {
      this.#onEnd = onEnd;
      if (content === INTERNAL) return;
      if (typeof content === 'string') this.#bytes = new Uint8Array(host.utf8Encode(content));
      else if (content instanceof ArrayBuffer) this.#bytes = new Uint8Array(content);
      else if (content instanceof Uint8Array) this.#bytes = content;
      else if (gharial.isHttpBody?.(content)) this.#arriving = content;
      else this.#setStream(content);
    }

    get isUsed() {
      return this.#stream === null ? this.#isUsed : this.#inner.isDisturbed;
    }

    get isUnusable() {
      return this.isUsed || (this.#stream !== null && this.#stream.locked);
    }

    get stream() {
      if (this.#stream === null) this.#makeStream();
      return this.#stream;
    }

    // Returns a promise of all bytes, which are the caller's.
    all() {
      if (this.isUnusable) return Promise.reject(used());
      if (this.#stream !== null) return this.#readStream();
      this.#isUsed = true;
      if (this.#failure !== null) return Promise.reject(this.#failure.reason);
      if (this.#bytes !== null) return Promise.resolve(this.#bytes.slice());
      return this.#collect();
    }

    clone() {
      if (this.isUnusable) throw used();
      if (this.#bytes !== null) return new Body(this.#bytes);
      const [mine, other] = this.stream.tee();
      this.#stream = null;
      this.#setStream(mine);
      return new Body(other);
    }

    // Returns the same body for another holder; this one is used then.
    taken() {
      if (this.isUnusable) throw used();
      const other = this.#bytes !== null ? new Body(this.#bytes) : new Body(INTERNAL);
      if (this.#bytes === null) {
        other.#stream = this.stream;
        this.#stream = null;
      }
      this.#isUsed = true;
      return other;
    }

    // Ends what arrives, with a reason: nothing more of it is read.
    fail(reason) {
      this.#arriving?.cancel();
      this.#ended();
      this.#failure = { reason };
      if (this.#stream !== null && this.#arriving !== null) this.#inner.controller.fail(reason);
      this.#reject?.(reason);
    }

    get #inner() {
      return gharial.streamCore.readableOf(this.#stream);
    }

    #setStream(stream) {
      gharial.load('streams');
      const inner = gharial.streamCore.readableOf(stream);
      if (inner.isDisturbed || inner.reader !== null) throw used();
      this.#stream = stream;
    }

    #ended() {
      this.#onEnd?.();
      this.#onEnd = null;
    }

    #makeStream() {
      gharial.load('byte_streams');
      const { createByteStream } = gharial.streamCore;
      if (this.#isUsed) {
        this.#stream = createByteStream(() => {}, () => {});
        this.#inner.controller.close();
        this.#inner.isDisturbed = true;
        return;
      }
      if (this.#arriving === null) {
        const bytes = this.#bytes;
        this.#bytes = null;
        this.#stream = createByteStream((controller) => {
          if (bytes.length > 0) controller.enqueue(bytes.slice());
          closed(controller);
        }, () => {});
        return;
      }
      this.#stream = createByteStream(
        (controller) => this.#pull(controller),
        () => {
          this.#arriving.cancel();
          this.#ended();
        });
      if (this.#failure !== null) this.#inner.controller.fail(this.#failure.reason);
    }

    #pull(controller) {
      return new Promise((resolve, reject) => {
        this.#arriving.next({
          chunk: (bytes) => {
            controller.enqueue(bytes);
            resolve();
          },
          end: () => {
            this.#ended();
            closed(controller);
            resolve();
          },
          error: (error) => {
            this.#ended();
            reject(error);
          },
        });
      });
    }

    #collect() {
      const { promise, resolve, reject } = Promise.withResolvers();
      const chunks = [];
      const listener = {
        chunk: (bytes) => {
          chunks.push(bytes);
          this.#arriving.next(listener);
        },
        end: () => {
          this.#ended();
          resolve(joined(chunks));
        },
        error: (error) => {
          this.#ended();
          reject(error);
        },
      };
      this.#reject = reject;
      this.#arriving.next(listener);
      return promise;
    }

    async #readStream() {
      const chunks = [];
      for await (const chunk of this.#stream) chunks.push(checkedChunk(chunk));
      return joined(chunks);
    }
  };

  // Gives a class the members about its body; `bodyOf` returns the body or null, and
  // `typeOf` the values of its headers Content-Type.
  gharial.defineBody = (Class, bodyOf, typeOf) => {
    const all = async (holder) => await bodyOf(holder)?.all() ?? new Uint8Array();
    const text = async (holder) => host.utf8Decode(await all(holder));
    const members = {
      get body() {
        return bodyOf(this)?.stream ?? null;
      },
      get bodyUsed() {
        return bodyOf(this)?.isUsed ?? false;
      },
      async arrayBuffer() {
        const bytes = await all(this);
        return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
      },
      async blob() {
        const bytes = await all(this);
        gharial.load('blob');
        gharial.load('mime_types');
        const type = gharial.mimeTypeOf(typeOf(this));
        return gharial.makeBlob(
          bytes.slice().buffer, type === null ? '' : gharial.mimeTypeText(type));
      },
      async bytes() {
        return await all(this);
      },
      async formData() {
        const bytes = await all(this);
        gharial.load('multipart');
        return gharial.parsedForm(bytes, typeOf(this));
      },
      async json() {
        return JSON.parse(await text(this));
      },
      async text() {
        return await text(this);
      },
    };
    Object.defineProperties(Class.prototype, Object.getOwnPropertyDescriptors(members));
  };
})
