// WebSocketStream and WebSocketError: a socket as a pair of streams, with back-pressure.
//
// Source: the WebSockets standard, section "The WebSocketStream interface".
(function (gharial) {
  'use strict';
  const { host } = gharial;
  // More than this may not wait to be written before a write is done.
  const BUFFERED_MAXIMUM = 64 * 1024;

  const isObject = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  const isSendable = (code) => code === null || code === 1000 || (code >= 3000 && code <= 4999);

  // [EnforceRange] unsigned short.
  const enforcedCode = (given) => {
    if (given === undefined) return null;
    const code = Math.trunc(+given);
    if (!(code >= 0 && code <= 65535)) {
      throw new TypeError('closeCode must be a whole number from 0 to 65535');
    }
    return code;
  };

  // Returns code and text of a WebSocketCloseInfo; a reason alone means 1000.
  const closeInfo = (info) => {
    if (info !== undefined && info !== null && !isObject(info)) {
      throw new TypeError('the close information must be an object');
    }
    const given = info ?? {};
    let code = enforcedCode(given.closeCode);
    const reason = given.reason === undefined ? '' : gharial.toUSVString(given.reason);
    if (reason !== '' && code === null) code = 1000;
    const bytes = host.utf8Length(reason);
    if (bytes > 123) {
      throw gharial.domException(
        `the close reason has ${bytes} bytes; at most 123 are allowed`, 'SyntaxError');
    }
    if (!isSendable(code)) {
      throw gharial.domException(
        `the close code ${code} is not allowed; it must be 1000 or from 3000 to 4999`,
        'InvalidAccessError');
    }
    return { code, reason };
  };

  // Returns the members of the options, and the rest, which are parameters of the socket.
  const readOptions = (options) => {
    if (options !== undefined && options !== null && !isObject(options)) {
      throw new TypeError('the options of a WebSocketStream must be an object');
    }
    const { protocols, signal, ...params } = options ?? {};
    if (protocols !== undefined &&
        (!isObject(protocols) || typeof protocols[Symbol.iterator] !== 'function')) {
      throw new TypeError('protocols must be a sequence of strings, such as an array');
    }
    const names = protocols === undefined
      ? [] : Array.from(protocols, (each) => gharial.toUSVString(each));
    if (signal !== undefined) {
      gharial.load('abort');
      // Throws for what is no signal.
      gharial.isAborted(signal);
    }
    return { names, signal, params };
  };

  // Returns the URL as a socket would have it; throws what its constructor would.
  const checkedUrl = (address, names) => {
    const checked = host.socketCheck(address, names);
    if (typeof checked !== 'string') throw gharial.domException(checked[1], checked[0]);
    return checked;
  };

  gharial.load('dom_exception');
  gharial.load('buffers');

  class WebSocketError extends gharial.DOMException {
    #code;
    #reason;

    constructor(message = '', init = {}) {
      super(message, 'WebSocketError');
      const { code, reason } = closeInfo(init);
      this.#code = code;
      this.#reason = reason;
    }

    get closeCode() { return this.#code; }

    get reason() { return this.#reason; }

    // For codes that only a peer, or nobody, can send.
    static {
      gharial.webSocketError = (message, code, reason) => {
        const error = new WebSocketError(message);
        error.#code = code;
        error.#reason = reason;
        return error;
      };
    }
  }

  class WebSocketStream {
    #socket = null;
    #url;
    #opened = Promise.withResolvers();
    #closed = Promise.withResolvers();
    // The controllers of the two streams, from the time when the socket is open.
    #source = null;
    #sink = null;
    #pulled = null;
    // What the sink does: a write that waits for room, or the end.
    #writing = null;
    #ending = null;
    #hasEnded = false;
    #error = '';

    constructor(url, options = {}) {
      gharial.required(1, arguments.length, "'WebSocketStream' constructor");
      const address = gharial.toUSVString(url);
      const { names, signal, params } = readOptions(options);
      // As the standard says, nobody need look at them.
      this.#opened.promise.catch(() => {});
      this.#closed.promise.catch(() => {});
      if (signal?.aborted) {
        this.#url = checkedUrl(address, names);
        this.#fail(signal.reason);
        return;
      }
      const socket = new gharial.WebSocket(address, names, params);
      this.#url = socket.url;
      this.#socket = socket;
      socket.binaryType = 'arraybuffer';
      const forget = signal && gharial.onAbort(signal, () => {
        this.#fail(signal.reason);
        socket.close();
      });
      socket.onopen = () => {
        forget?.();
        this.#open();
      };
      socket.onmessage = ({ data }) => this.#receive(data);
      socket.onerror = ({ error }) => { this.#error = error; };
      socket.onclose = (event) => {
        forget?.();
        this.#end(event);
      };
    }

    get url() { return this.#url; }

    get opened() { return this.#opened.promise; }

    get closed() { return this.#closed.promise; }

    close(info = {}) {
      this.#url;
      const { code, reason } = closeInfo(info);
      this.#close(code, reason);
    }

    #close(code, reason) {
      if (this.#socket === null) return;
      // The peer's close frame comes after all that was not read.
      host.socketHold(gharial.socketId(this.#socket), false);
      if (code === null) this.#socket.close();
      else this.#socket.close(code, reason);
    }

    // An error of the platform's own may have a code that nobody sends.
    #closeBecause(reason) {
      if (reason instanceof WebSocketError && isSendable(reason.closeCode)) {
        this.#close(reason.closeCode, reason.reason);
      } else {
        this.#close(null, '');
      }
    }

    #open() {
      const id = gharial.socketId(this.#socket);
      gharial.load('streams');
      gharial.load('writable_streams');
      const core = gharial.streamCore;
      const readable = core.createReadable(
        () => {
          host.socketHold(id, false);
          this.#pulled = Promise.withResolvers();
          return this.#pulled.promise;
        },
        (reason) => core.promised(() => {
          this.#source = null;
          this.#closeBecause(reason);
        }));
      const writable = core.createWritable({
        write: (chunk) => core.promised(() => this.#send(id, chunk)),
        // Done when the closing handshake is.
        close: () => core.promised(() => {
          this.#ending = Promise.withResolvers();
          this.#close(null, '');
          return this.#ending.promise;
        }),
        abort: (reason) => core.promised(() => this.#closeBecause(reason)),
      });
      this.#source = core.readableOf(readable).controller;
      this.#sink = core.writableOf(writable).controller;
      const { protocol, extensions } = this.#socket;
      this.#opened.resolve({ extensions, protocol, readable, writable });
    }

    // A buffer source is sent as binary data; anything else, a Blob as well, as a text.
    #send(id, chunk) {
      const data = gharial.bytesOf(chunk) ?? gharial.toUSVString(chunk);
      this.#socket.send(data);
      if (this.#socket.bufferedAmount <= BUFFERED_MAXIMUM) return undefined;
      this.#writing = Promise.withResolvers();
      host.socketWhenDrained(id, () => {
        // Without a socket there is nothing to wait for; what became of it comes next.
        if (this.#socket.readyState !== $READY_CLOSED) this.#writing?.resolve();
      });
      return this.#writing.promise;
    }

    #receive(data) {
      if (this.#source === null || !this.#source.canTake) return;
      this.#source.enqueue(typeof data === 'string' ? data : new Uint8Array(data));
      this.#pulled?.resolve();
      if (this.#source?.desiredSize <= 0) {
        host.socketHold(gharial.socketId(this.#socket), true);
      }
    }

    #end({ code, reason, wasClean }) {
      if (this.#hasEnded) return;
      if (!wasClean || this.#sink === null) {
        const message = this.#error || `the socket was closed with code ${code}`;
        this.#fail(gharial.webSocketError(message, code, reason));
        return;
      }
      this.#hasEnded = true;
      if (this.#source?.canTake) this.#source.close();
      if (this.#ending !== null) {
        this.#ending.resolve();
      } else {
        const error = gharial.domException('the socket is closed', 'InvalidStateError');
        this.#sink.failIfWritable(error);
        this.#writing?.reject(error);
      }
      this.#closed.resolve({ closeCode: code, reason });
    }

    #fail(error) {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      this.#opened.reject(error);
      this.#closed.reject(error);
      this.#source?.fail(error);
      this.#sink?.failIfWritable(error);
      this.#writing?.reject(error);
      this.#ending?.reject(error);
    }
  }

  gharial.expose(WebSocketError);
  gharial.expose(WebSocketStream);
})
