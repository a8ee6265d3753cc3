// WebSocket, as the WHATWG's standard has it, with k6's additions: a third argument of
// the constructor, ping(), and the events `ping` and `pong`.
//
// Leaves in `gharial`: WebSocket, dispatch, socketId. The protocol is the host's; the ready state
// here changes with the task that tells of the change, as the standard says.
(function (gharial) {
  'use strict';
  const { EventTarget, host, fire, plainEvent, closeEvent } = gharial;
  const { STATE, CHANGED, only, messagePrototype } = gharial.eventCore;
  // Ready states are written out as numbers: names of an outer scope would have to be fetched,
  // and take memory of every virtual user.
  let lastId = 0;
  let sendAnything;
  let runJobs;
  const sockets = new Map();

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
    // What the path of a message needs, in one array, which the host holds: the socket,
    // its ready state, its one listener for messages (null if there is more to do than to
    // call it, undefined if nobody listens), its origin, the connection's function that
    // sends texts (and tells whether it did), and whether binary data becomes a Blob. Each private field, closure
    // variable and look-up in a table is one more place in memory to fetch, and with many
    // virtual users they are fetched from afar (over 1,000: 12 microseconds a message).
    #hot = [this, 0 /* CONNECTING */, undefined, '', null, true];
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
      sockets.set(id, this);
    }

    get url() {
      return this.#url;
    }

    get readyState() {
      return this.#hot[1];
    }

    get protocol() {
      return this.#protocol;
    }

    get extensions() {
      return this.#extensions;
    }

    get bufferedAmount() {
      return this.#hot[1] === 3 /* CLOSED */ ? this.#unsent : host.socketBufferedAmount(this.#id);
    }

    get binaryType() {
      return this.#hot[5] ? 'blob' : 'arraybuffer';
    }

    // An unknown value of an enumeration is ignored, as Web IDL says (k6 throws).
    set binaryType(value) {
      const text = `${value}`;
      if (text === 'blob' || text === 'arraybuffer') this.#hot[5] = text === 'blob';
    }

    send(data) {
      const hot = this.#hot;
      if (hot[1] === 1 /* OPEN */ && hot[4](data)) return;
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
      this.#hot[2] = listeners === undefined ? undefined : only(listeners);
    }

    close(code = undefined, reason = undefined) {
      const number = code === undefined ? null : +code;
      const text = reason === undefined ? null : gharial.toUSVString(reason);
      throwFailure(host.socketClose(this.#id, number, text));
      if (this.#hot[1] < 2 /* CLOSING */) this.#ended = 0;
      if (this.#hot[1] !== 3 /* CLOSED */) this.#hot[1] = 2 /* CLOSING */;
    }

    ping() {
      if (this.#hot[1] !== 1 /* OPEN */) {
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
        const callback = hot[2];
        if (callback === undefined || hot[1] !== 1 /* OPEN */) return;
        if (hot[5] && typeof data !== 'string') {
          gharial.load('blob');
          data = gharial.makeBlob(data);
        }
        const target = hot[0];
        const state = [
          1 /* MESSAGE */, 'message', timestamp, 96 /* BY_PLATFORM | DISPATCHING */,
          target, target, data, hot[3],
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
        state[5 /* CURRENT_TARGET */] = null;
        state[3 /* FLAGS */] &= ~35 /* STOPPED | STOPPED_NOW | DISPATCHING */;
      };

      dispatch.open = (id, protocol, extensions, sendText, timestamp) => {
        const socket = sockets.get(id);
        if (socket === undefined || socket.#hot[1] !== 0 /* CONNECTING */) return;
        socket.#hot[1] = 1 /* OPEN */;
        socket.#protocol = protocol;
        socket.#extensions = extensions;
        socket.#hot[3] = /^[^/]*\/\/[^/]*/.exec(socket.#url)[0];
        socket.#hot[4] = sendText;
        fire(socket, plainEvent('open', timestamp));
      };

      dispatch.closing = (id, timestamp) => {
        const socket = sockets.get(id);
        if (socket !== undefined && socket.#hot[1] === 1 /* OPEN */) socket.#hot[1] = 2 /* CLOSING */;
      };

      dispatch.control = (id, type, timestamp) => {
        const socket = sockets.get(id);
        if (socket !== undefined) fire(socket, plainEvent(type, timestamp));
      };

      dispatch.error = (id, message, status, headers, body, timestamp) => {
        const socket = sockets.get(id);
        if (socket === undefined) return;
        socket.#hot[1] = 3 /* CLOSED */;
        if (socket.#unsent === 0) socket.#unsent = host.socketBufferedAmount(id);
        gharial.load('socket_error');
        fire(socket, gharial.socketErrorEvent(message, status, headers, body, timestamp));
      };

      dispatch.close = (id, code, reason, wasClean, bufferedAmount, timestamp) => {
        const socket = sockets.get(id);
        if (socket === undefined) return;
        sockets.delete(id);
        socket.#hot[1] = 3 /* CLOSED */;
        socket.#hot[4] = null;
        socket.#unsent = Math.max(socket.#unsent, bufferedAmount);
        socket.#ended ??= code;
        fire(socket, closeEvent(timestamp, code, reason, wasClean));
      };
    }
  }

  gharial.defineHandlers(WebSocket, ['open', 'error', 'close', 'message', 'ping', 'pong']);
  gharial.constants(WebSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
  gharial.WebSocket = gharial.expose(WebSocket);
  delete gharial.expose;
  delete gharial.constants;
})
