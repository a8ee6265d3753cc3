// The module `k6/ws`: sockets that block their virtual user until they are closed.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const GOING_AWAY = 1001;

const readParams = (params) => {
  const read = { headers: [], tags: {}, deflate: false };
  const given = params ?? {};
  for (const [name, value] of Object.entries(given.headers ?? {})) {
    read.headers.push([name, `${value}`]);
  }
  for (const [name, value] of Object.entries(given.tags ?? {})) read.tags[name] = `${value}`;
  const compression = `${given.compression ?? ''}`.trim();
  if (compression !== '' && compression !== 'deflate') {
    throw new Error(
      `unsupported compression algorithm '${compression}', supported algorithm is 'deflate'`);
  }
  read.deflate = compression === 'deflate';
  return read;
};

const headersOf = (pairs) => {
  const headers = {};
  for (const [name, value] of pairs) {
    const canonical = name.toLowerCase().replace(/(^|-)[a-z]/g, (part) => part.toUpperCase());
    headers[canonical] = canonical in headers ? `${headers[canonical]}, ${value}` : value;
  }
  return headers;
};

const failure = (text) => {
  const error = new Error(text);
  // k6 scripts ask for the text in this way.
  Object.defineProperty(error, 'error', { value: () => text });
  return error;
};

class Socket {
  #id;
  #handlers = new Map();
  #timers = new Map();
  #lastTimer = 0;
  #closedWith;

  constructor(id) {
    this.#id = id;
  }

  on(event, handler) {
    if (typeof handler !== 'function') return;
    const name = String(event);
    if (!this.#handlers.has(name)) this.#handlers.set(name, []);
    this.#handlers.get(name).push(handler);
  }

  send(message) {
    if (this.#isClosed()) return;
    host.wsSendText(this.#id, `${message}`);
  }

  sendBinary(message) {
    if (message === undefined) throw new TypeError('sendBinary() needs an ArrayBuffer');
    if (!(message instanceof ArrayBuffer)) {
      const kind = message === null ? 'null' : message.constructor?.name ?? typeof message;
      throw new TypeError(`sendBinary() takes an ArrayBuffer, not ${kind}`);
    }
    if (this.#isClosed()) return;
    host.wsSendBinary(this.#id, message);
  }

  ping() {
    if (this.#isClosed()) return;
    host.wsPing(this.#id);
  }

  setTimeout(callback, delay) {
    this.#setTimer('setTimeout', callback, delay, false);
  }

  setInterval(callback, delay) {
    this.#setTimer('setInterval', callback, delay, true);
  }

  close(code) {
    if (this.#closedWith !== undefined) return;
    this.#closedWith = code === undefined ? GOING_AWAY : Math.trunc(code);
    this.#fire('close', this.#closedWith);
  }

  #isClosed() {
    if (this.#closedWith === undefined) return false;
    this.#fire('error', failure('websocket: close sent'));
    return true;
  }

  #fire(event, ...given) {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) handler(...given);
  }

  #setTimer(name, callback, delay, isRepeated) {
    if (typeof callback !== 'function') throw new TypeError(`${name}() takes a function`);
    const ms = Number(delay);
    if (!(ms > 0)) throw new Error(`${name} requires a >0 timeout parameter, received ${delay}`);
    this.#lastTimer += 1;
    this.#timers.set(this.#lastTimer, { callback, ms, isRepeated });
    this.#arm(this.#lastTimer);
  }

  #arm(timerId) {
    const { ms, isRepeated } = this.#timers.get(timerId);
    if (isRepeated) host.wsRepeat(this.#id, timerId, ms);
    else host.wsTimer(this.#id, timerId, ms);
  }

  #run(timerId) {
    const timer = this.#timers.get(timerId);
    if (timer.isRepeated) this.#arm(timerId);
    else this.#timers.delete(timerId);
    timer.callback();
  }

  // Handles what happens, one after the other, until the socket is closed.
  static live(socket) {
    while (socket.#closedWith === undefined) {
      const [event, ...given] = host.wsNext(socket.#id);
      if (event === 'timer') {
        socket.#run(given[0]);
      } else if (event === 'close') {
        socket.close(given[0]);
      } else if (event === 'error') {
        socket.#fire('error', failure(given[0]));
      } else {
        socket.#fire(event, ...given);
      }
    }
  }

  static fireOpen(socket) {
    socket.#fire('open');
  }

  static codeOf(socket) {
    return socket.#closedWith ?? GOING_AWAY;
  }
}

export function connect(url, ...rest) {
  if (host.isInit()) throw new Error('ws.connect() cannot be used in the init context');
  const callback = rest.pop();
  if (rest.length > 1 || typeof callback !== 'function') {
    throw new TypeError('ws.connect() takes a URL, optional parameters, and a function last');
  }
  const params = rest[0];
  const read = readParams(params);
  const jar = gharial.jarOf?.(params?.jar) ?? null;
  const [problem, id] = host.wsConnect(String(url), read, jar);
  if (problem !== null) throw new Error(problem);
  const socket = new Socket(id);
  try {
    const [event, ...given] = host.wsNext(id);
    if (event === 'failed') {
      const [text, status, headers, body] = given;
      if (host.throws()) throw failure(text);
      return { url: String(url), status, headers: headersOf(headers), body, error: text };
    }
    callback(socket);
    Socket.fireOpen(socket);
    Socket.live(socket);
    const [status, headers] = given;
    return { url: String(url), status, headers: headersOf(headers), body: '', error: '' };
  } catch (error) {
    // Its handlers hear of it, unless the whole iteration was ended.
    if (!host.wsIsInterrupted()) socket.close(GOING_AWAY);
    throw error;
  } finally {
    host.wsLeave(id, Socket.codeOf(socket));
  }
}

export default { connect };
