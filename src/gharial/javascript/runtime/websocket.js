// WebSocket, as the WHATWG's standard has it, with k6's additions: a third argument of
// the constructor, ping(), and the events `ping` and `pong`.
//
// Leaves in `gharial`: WebSocket, dispatch, socketId. The protocol is the host's; the ready state
// here changes with the task that tells of the change, as the standard says.
(function (gharial) {
  'use strict';
  const { EventTarget, host, fire, plainEvent, closeEvent } = gharial;
  const { STATE, CHANGED, only, messagePrototype } = gharial.eventCore;
  // Names with a dollar are the numbers of shared_numbers.pxi.
  let lastId = 0;
  let sendAnything;
  let runJobs;
  // By number; a Map would bring in the whole part of the engine that has it.
  const sockets = { __proto__: null };

  // What the host calls, by event; filled where the private fields are in reach.
  const dispatch = (gharial.dispatch = { __proto__: null });

  const throwFailure = (failure) => {
    if (failure === null) return;
    const [name, message] = failure;
    if (name === 'TypeError') throw new TypeError(message);
    throw gharial.domException(message, name);
  };

  // Returns subprotocols and parameters; most sockets are given neither.
  const NOTHING = [[], null];
  const readRest = (given) => {
    if (given.length < 2) return NOTHING;
    gharial.load('socket_arguments');
    return [gharial.protocolList(given[1]), gharial.readParams(given[2])];
  };

  class WebSocket extends EventTarget {
    #id;
    #url;
    // What the hot path needs, in one array, which the host holds; the places in it begin
    // with SOCKET. Each private field, closure variable and look-up in a table is one more
    // place in memory to fetch, and with many virtual users they are fetched from afar (over
    // 1,000: 12 microseconds a message).
    #hot = [this, $READY_CONNECTING, undefined, '', null, true];
    #protocol = '';
    #extensions = '';
    // Bytes that were given to send() and will never be sent, since the socket closed.
    #unsent = 0;
    // Once it is closing: 0 if the script closed it, the code of the close event otherwise.
    #ended = null;

    constructor(url, protocols = [], params = undefined) {
      super();
      gharial.required(1, arguments.length, "'WebSocket' constructor");
      const address = gharial.toUSVString(url);
      const [names, read] = readRest(arguments);
      const id = ++lastId;
      const jar = gharial.jarOf?.(params?.jar) ?? null;
      const opened = host.socketOpen(id, address, names, read, jar, this.#hot);
      if (typeof opened !== 'string') throwFailure(opened);
      this.#id = id;
      this.#url = opened;
      sockets[id] = this;
    }

    get url() {
      return this.#url;
    }

    get readyState() {
      return this.#hot[$SOCKET_STATE];
    }

    get protocol() {
      return this.#protocol;
    }

    get extensions() {
      return this.#extensions;
    }

    get bufferedAmount() {
      return this.#hot[$SOCKET_STATE] === $READY_CLOSED
        ? this.#unsent : host.socketBufferedAmount(this.#id);
    }

    get binaryType() {
      return this.#hot[$SOCKET_MAKES_BLOBS] ? 'blob' : 'arraybuffer';
    }

    // An unknown value of an enumeration is ignored, as Web IDL says (k6 throws).
    set binaryType(value) {
      const text = `${value}`;
      if (text !== 'blob' && text !== 'arraybuffer') return;
      this.#hot[$SOCKET_MAKES_BLOBS] = text === 'blob';
    }

    send(data) {
      const hot = this.#hot;
      if (hot[$SOCKET_STATE] === $READY_OPEN && hot[$SOCKET_SEND](data)) return;
      if (sendAnything === undefined) {
        gharial.load('socket_send');
        ({ sendAnything } = gharial);
      }
      // Apart from the sum, which the argument's own code may change meanwhile.
      const unsent = sendAnything(hot, this.#id, arguments);
      this.#unsent += unsent;
    }

    [CHANGED](type, listeners) {
      if (type !== 'message') return;
      this.#hot[$SOCKET_ONLY] = listeners === undefined ? undefined : only(listeners);
    }

    close(code = undefined, reason = undefined) {
      const number = code === undefined ? null : +code;
      const text = reason === undefined ? null : gharial.toUSVString(reason);
      throwFailure(host.socketClose(this.#id, number, text));
      if (this.#hot[$SOCKET_STATE] < $READY_CLOSING) this.#ended = 0;
      if (this.#hot[$SOCKET_STATE] !== $READY_CLOSED) this.#hot[$SOCKET_STATE] = $READY_CLOSING;
    }

    ping() {
      if (this.#hot[$SOCKET_STATE] !== $READY_OPEN) {
        throw gharial.domException(
          "Failed to execute 'ping' on 'WebSocket': it is not open.", 'InvalidStateError');
      }
      host.socketPing(this.#id);
    }

    // Sends, and resolves to the data of the message that answers it; see requests.js.
    request(message, options = undefined) {
      gharial.load('requests');
      return gharial.exchange(this, 'request', message, options?.match, options);
    }

    // The same without sending.
    expect(match, options = undefined) {
      gharial.load('requests');
      return gharial.exchange(this, 'expect', undefined, match, options);
    }

    static {
      gharial.socketId = (socket) => socket.#id;
      gharial.socketEnded = (socket) => socket.#ended;

      dispatch.message = (hot, data, timestamp) => {
        const callback = hot[$SOCKET_ONLY];
        if (callback === undefined || hot[$SOCKET_STATE] !== $READY_OPEN) return;
        if (hot[$SOCKET_MAKES_BLOBS] && typeof data !== 'string') {
          gharial.load('blob');
          data = gharial.makeBlob(data);
        }
        const target = hot[$SOCKET_TARGET];
        const state = [
          $KIND_MESSAGE, 'message', timestamp, $FLAGS_OF_MESSAGE,
          target, target, data, hot[$SOCKET_ORIGIN],
        ];
        const event = { __proto__: messagePrototype, [STATE]: state };
        if (callback === null) {
          fire(target, event);
          return;
        }
        try {
          callback.call(target, event);
        } catch (error) {
          gharial.reportException(error);
        }
        (runJobs ??= host.runJobs)();
        state[$EVENT_CURRENT_TARGET] = null;
        state[$EVENT_FLAGS] &= ~$FLAGS_WHILE_DISPATCHED;
      };

      dispatch.open = (id, protocol, extensions, sendText, timestamp) => {
        const socket = sockets[id];
        if (socket === undefined || socket.#hot[$SOCKET_STATE] !== $READY_CONNECTING) return;
        socket.#hot[$SOCKET_STATE] = $READY_OPEN;
        socket.#protocol = protocol;
        socket.#extensions = extensions;
        socket.#hot[$SOCKET_ORIGIN] = socket.#url.split('/', 3).join('/');
        socket.#hot[$SOCKET_SEND] = sendText;
        fire(socket, plainEvent('open', timestamp));
      };

      dispatch.closing = (id, timestamp) => {
        const socket = sockets[id];
        if (socket === undefined || socket.#hot[$SOCKET_STATE] !== $READY_OPEN) return;
        socket.#hot[$SOCKET_STATE] = $READY_CLOSING;
      };

      dispatch.control = (id, type, timestamp) => {
        const socket = sockets[id];
        if (socket !== undefined) fire(socket, plainEvent(type, timestamp));
      };

      dispatch.error = (id, message, status, headers, body, timestamp) => {
        const socket = sockets[id];
        if (socket === undefined) return;
        socket.#hot[$SOCKET_STATE] = $READY_CLOSED;
        if (socket.#unsent === 0) socket.#unsent = host.socketBufferedAmount(id);
        gharial.load('socket_error');
        fire(socket, gharial.socketErrorEvent(message, status, headers, body, timestamp));
      };

      dispatch.close = (id, code, reason, wasClean, bufferedAmount, timestamp) => {
        const socket = sockets[id];
        if (socket === undefined) return;
        delete sockets[id];
        socket.#hot[$SOCKET_STATE] = $READY_CLOSED;
        socket.#hot[$SOCKET_SEND] = null;
        socket.#unsent = Math.max(socket.#unsent, bufferedAmount);
        socket.#ended ??= code;
        fire(socket, closeEvent(timestamp, code, reason, wasClean));
      };
    }
  }

  gharial.defineHandlers(WebSocket, ['open', 'error', 'close', 'message', 'ping', 'pong']);
  gharial.constants(WebSocket, {
    CONNECTING: $READY_CONNECTING, OPEN: $READY_OPEN, CLOSING: $READY_CLOSING,
    CLOSED: $READY_CLOSED,
  });
  gharial.WebSocket = gharial.expose(WebSocket);
  delete gharial.expose;
  delete gharial.constants;
})
