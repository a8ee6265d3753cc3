// WebSocketStream and WebSocketError: a socket as a pair of streams, with back-pressure.
//
// Source: the WebSockets standard, section "The WebSocketStream interface".
(function (gharial) {
  'use strict';
  const { host } = gharial;
  // More than this may not wait to be written before a write is done.
  const BUFFERED_MAXIMUM = 64 * 1024;

  const checkClose = (code, reason) => {
    const bytes = host.utf8Length(reason);
    if (bytes > 123) {
      throw gharial.domException(`the close reason has ${bytes} bytes; at most 123 are allowed`, 'SyntaxError');
    }
    if (code !== null && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw gharial.domException(
        `the close code ${code} is not allowed; it must be 1000 or from 3000 to 4999`,
        'InvalidAccessError');
    }
  };

  // Returns code and text of a WebSocketCloseInfo; a reason alone means 1000.
  const closeInfo = (info) => {
    if (info !== null && typeof info !== 'object' && info !== undefined) {
      throw new TypeError('the close information must be an object');
    }
    const given = info ?? {};
    // [EnforceRange] unsigned short.
    let code = null;
    if (given.closeCode !== undefined) {
      code = Math.trunc(Number(given.closeCode));
      if (!(code >= 0 && code <= 65535)) {
        throw new TypeError('closeCode must be a whole number from 0 to 65535');
      }
    }
    const reason = given.reason === undefined ? '' : gharial.toUSVString(given.reason);
    if (reason !== '' && code === null) code = 1000;
    checkClose(code, reason);
    return { code, reason };
  };

  gharial.load('dom_exception');

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
    #source = null;
    #sink = null;
    #pulled = null;
    #hasEnded = false;
    #error = '';

    constructor(url, options = {}) {
      gharial.required(1, arguments.length, "'WebSocketStream' constructor");
      const { protocols = [], signal, ...params } = options ?? {};
      // As the standard says, nobody need look at them.
      this.#opened.promise.catch(() => {});
      this.#closed.promise.catch(() => {});
      const socket = new gharial.WebSocket(url, protocols, params);
      this.#url = socket.url;
      this.#socket = socket;
      socket.binaryType = 'arraybuffer';
      const abort = () => {
        this.#fail(signal.reason);
        socket.close();
      };
      socket.onopen = () => {
        signal?.removeEventListener('abort', abort);
        this.#open();
      };
      socket.onmessage = ({ data }) => this.#receive(data);
      socket.onerror = ({ error }) => { this.#error = error; };
      socket.onclose = (event) => this.#end(event);
      if (signal !== undefined && signal !== null) {
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort);
      }
    }

    get url() { return this.#url; }

    get opened() { return this.#opened.promise; }

    get closed() { return this.#closed.promise; }

    close(info = {}) {
      const { code, reason } = closeInfo(info);
      this.#close(code, reason);
    }

    #close(code, reason) {
      // The peer's close frame comes after all that was not read.
      host.socketHold(gharial.socketId(this.#socket), false);
      if (code === null) this.#socket.close();
      else this.#socket.close(code, reason);
    }

    #closeBecause(reason) {
      if (reason instanceof WebSocketError) this.#close(reason.closeCode, reason.reason);
      else this.#close(null, '');
    }

    #open() {
      const id = gharial.socketId(this.#socket);
      gharial.load('streams');
      gharial.load('writable_streams');
      const readable = new gharial.ReadableStream({
        start: (controller) => { this.#source = controller; },
        pull: () => {
          host.socketHold(id, false);
          this.#pulled = Promise.withResolvers();
          return this.#pulled.promise;
        },
        cancel: (reason) => {
          this.#source = null;
          host.socketHold(id, false);
          this.#closeBecause(reason);
        },
      });
      const writable = new gharial.WritableStream({
        start: (controller) => { this.#sink = controller; },
        write: (chunk) => this.#send(id, chunk),
        close: () => this.#close(null, ''),
        abort: (reason) => this.#closeBecause(reason),
      });
      const { protocol, extensions } = this.#socket;
      this.#opened.resolve({ readable, writable, extensions, protocol });
    }

    #send(id, chunk) {
      this.#socket.send(chunk);
      if (this.#socket.bufferedAmount <= BUFFERED_MAXIMUM) return undefined;
      const drained = Promise.withResolvers();
      host.socketWhenDrained(id, drained.resolve);
      return drained.promise;
    }

    #receive(data) {
      if (this.#source === null) return;
      this.#source.enqueue(typeof data === 'string' ? data : new Uint8Array(data));
      this.#pulled?.resolve();
      if (this.#source.desiredSize <= 0) host.socketHold(gharial.socketId(this.#socket), true);
    }

    #end({ code, reason, wasClean }) {
      if (this.#hasEnded) return;
      if (wasClean && this.#sink !== null) {
        this.#hasEnded = true;
        if (this.#source !== null && this.#source.desiredSize !== null) {
          try { this.#source.close(); } catch { /* It was closed from the other side. */ }
        }
        this.#sink.error(gharial.domException('the socket is closed', 'InvalidStateError'));
        this.#closed.resolve({ closeCode: code, reason });
        return;
      }
      const message = this.#error || `the socket was closed with code ${code}`;
      this.#fail(gharial.webSocketError(message, code, reason));
    }

    #fail(error) {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      this.#opened.reject(error);
      this.#closed.reject(error);
      this.#source?.error(error);
      this.#sink?.error(error);
    }
  }

  gharial.expose(WebSocketError);
  gharial.expose(WebSocketStream);
})
