// WebSocket, as the WHATWG's standard has it, with k6's additions: a third argument of
// the constructor, ping(), and the events `ping` and `pong`.
//
// Leaves in `gharial`: WebSocket, dispatch, socketId. The protocol is the host's; the ready state
// here changes with the task that tells of the change, as the standard says.
(function (gharial) {
  'use strict';
  const { EventTarget, host, fire, fireMessage, plainEvent, closeEvent } = gharial;
  const CONNECTING = 0;
  const OPEN = 1;
  const CLOSING = 2;
  const CLOSED = 3;

  // Parameters that the other side reads.
  const OPENING = ['compression', 'tls', 'proxy', 'localAddress', 'limits', 'redirects'];

  let lastId = 0;
  const sockets = new Map();

  // What the host calls, by event; filled where the private fields are in reach.
  const dispatch = (gharial.dispatch = { __proto__: null });

  const throwFailure = (failure) => {
    if (failure === null) return;
    const [name, message] = failure;
    if (name === 'TypeError') throw new TypeError(message);
    throw gharial.domException(message, name);
  };

  const protocolList = (protocols) => {
    if (protocols === undefined || protocols === null) return [];
    if (typeof protocols === 'object' && Symbol.iterator in protocols) {
      return Array.from(protocols, (protocol) => `${protocol}`);
    }
    return [`${protocols}`];
  };

  // k6 takes every own enumerable key, and refuses those that it does not know.
  const readParams = (params) => {
    if (params === undefined || params === null) return null;
    if (typeof params !== 'object') {
      throw new TypeError("WebSocket's third argument must be an object of parameters");
    }
    const read = {};
    for (const key of Object.keys(params)) {
      const value = params[key];
      if (key === 'headers') {
        read.headers = Object.entries(value ?? {}).map(([name, text]) => [name, `${text}`]);
      } else if (key === 'tags') {
        read.tags = {};
        for (const [name, tag] of Object.entries(value ?? {})) {
          if (!['string', 'number', 'boolean'].includes(typeof tag)) {
            throw new TypeError(
              `invalid WebSocket tags option: "${name}" must be a string, a number or a boolean`);
          }
          read.tags[name] = `${tag}`;
        }
      } else if (OPENING.includes(key)) {
        // k6 refuses even null and undefined here.
        if (key === 'compression' && typeof value !== 'object' && `${value}`.trim() !== 'deflate') {
          throw new TypeError(
            `unsupported compression algorithm '${value}', supported algorithm is 'deflate'`);
        }
        (read.opening ??= {})[key] = value;
      } else if (key === 'jar') {
        // Anything that is no jar is ignored, as in k6.
      } else {
        throw new TypeError(
          `unknown WebSocket's option "${key}"; known are headers, tags, jar, ${OPENING.join(', ')}`);
      }
    }
    return read;
  };

  class WebSocket extends EventTarget {
    #id;
    #url;
    #state = CONNECTING;
    #protocol = '';
    #extensions = '';
    #binaryType = 'blob';
    #origin;
    // The connection's own function, without a look-up on the way.
    #sendText;
    // Bytes that were given to send() and will never be sent, since the socket closed.
    #unsent = 0;

    constructor(url, protocols = [], params = undefined) {
      super();
      gharial.required(1, arguments.length, "'WebSocket' constructor");
      const address = gharial.toUSVString(url);
      const read = readParams(params);
      const id = ++lastId;
      const jar = gharial.jarOf?.(params?.jar) ?? null;
      const opened = host.socketOpen(id, address, protocolList(protocols), read, jar);
      if (typeof opened !== 'string') throwFailure(opened);
      this.#id = id;
      this.#url = opened;
      sockets.set(id, this);
    }

    get url() {
      return this.#url;
    }

    get readyState() {
      return this.#state;
    }

    get protocol() {
      return this.#protocol;
    }

    get extensions() {
      return this.#extensions;
    }

    get bufferedAmount() {
      return this.#state === CLOSED ? this.#unsent : host.socketBufferedAmount(this.#id);
    }

    get binaryType() {
      return this.#binaryType;
    }

    // An unknown value of an enumeration is ignored, as Web IDL says (k6 throws).
    set binaryType(value) {
      const text = `${value}`;
      if (text === 'blob' || text === 'arraybuffer') this.#binaryType = text;
    }

    send(data) {
      if (typeof data === 'string' && this.#state === 1 /* OPEN */) {
        this.#sendText(data);
        return;
      }
      gharial.required(1, arguments.length, "'send' on 'WebSocket'");
      // The argument is converted first, as Web IDL says; that may run the script's code.
      let view = null;
      let text;
      if (ArrayBuffer.isView(data)) {
        view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      } else if (data instanceof ArrayBuffer) {
        view = data;
      } else if (typeof data === 'object' && data !== null && gharial.isBlob?.(data)) {
        view = gharial.blobBytes(data);
      } else {
        text = `${data}`;
      }
      const state = this.#state;
      if (state === CONNECTING) {
        throw gharial.domException(
          "Failed to execute 'send' on 'WebSocket': still in CONNECTING state.", 'InvalidStateError');
      }
      if (state === CLOSED) {
        this.#unsent += view === null ? host.utf8Length(text) : view.byteLength;
      } else if (view === null) {
        host.socketSendText(this.#id, text);
      } else {
        host.socketSendBinary(this.#id, view);
      }
    }

    close(code = undefined, reason = undefined) {
      // [Clamp] unsigned short.
      const clamped = code === undefined
        ? null : Math.min(Math.max(Math.round(Number(code)) || 0, 0), 65535);
      const text = reason === undefined ? null : gharial.toUSVString(reason);
      throwFailure(host.socketClose(this.#id, clamped, text));
      if (this.#state !== CLOSED) this.#state = CLOSING;
    }

    ping() {
      if (this.#state !== OPEN) {
        throw gharial.domException(
          "Failed to execute 'ping' on 'WebSocket': it is not open.", 'InvalidStateError');
      }
      host.socketPing(this.#id);
    }

    static {
      gharial.socketId = (socket) => socket.#id;

      dispatch.message = (id, data, timestamp) => {
        const socket = sockets.get(id);
        if (socket === undefined || socket.#state !== 1 /* OPEN */) return;
        if (typeof data !== 'string' && socket.#binaryType === 'blob') {
          gharial.load('blob');
          data = gharial.makeBlob(data);
        }
        fireMessage(socket, timestamp, data, socket.#origin);
      };

      dispatch.open = (id, protocol, extensions, sendText, timestamp) => {
        const socket = sockets.get(id);
        if (socket === undefined || socket.#state !== CONNECTING) return;
        socket.#state = OPEN;
        socket.#protocol = protocol;
        socket.#extensions = extensions;
        socket.#sendText = sendText;
        socket.#origin = /^[^/]*\/\/[^/]*/.exec(socket.#url)[0];
        fire(socket, plainEvent('open', timestamp));
      };

      dispatch.closing = (id, timestamp) => {
        const socket = sockets.get(id);
        if (socket !== undefined && socket.#state === OPEN) socket.#state = CLOSING;
      };

      dispatch.control = (id, type, timestamp) => {
        const socket = sockets.get(id);
        if (socket !== undefined) fire(socket, plainEvent(type, timestamp));
      };

      dispatch.error = (id, message, status, headers, body, timestamp) => {
        const socket = sockets.get(id);
        if (socket === undefined) return;
        socket.#state = CLOSED;
        if (socket.#unsent === 0) socket.#unsent = host.socketBufferedAmount(id);
        const event = plainEvent('error', timestamp);
        const describe = (name, value) =>
          Object.defineProperty(event, name, { value, enumerable: true, configurable: true });
        describe('error', message);
        if (status !== null) {
          const fields = { __proto__: null };
          for (const [name, value] of headers) {
            const key = name.toLowerCase();
            fields[key] = key in fields ? `${fields[key]}, ${value}` : value;
          }
          describe('response', { status, headers: { ...fields }, body });
        }
        fire(socket, event);
      };

      dispatch.close = (id, code, reason, wasClean, bufferedAmount, timestamp) => {
        const socket = sockets.get(id);
        if (socket === undefined) return;
        sockets.delete(id);
        socket.#state = CLOSED;
        socket.#sendText = undefined;
        socket.#unsent = Math.max(socket.#unsent, bufferedAmount);
        fire(socket, closeEvent(timestamp, code, reason, wasClean));
      };
    }
  }

  gharial.defineHandlers(WebSocket, ['open', 'error', 'close', 'message', 'ping', 'pong']);
  gharial.constants(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });
  gharial.WebSocket = gharial.expose(WebSocket);
})
