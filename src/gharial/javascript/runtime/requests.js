// Requests over a socket: a message, and the one that answers it. Loaded when a script first
// calls request() or expect(). Leaves in `gharial`: exchange.
//
// They are measured from wire to wire: from the instant at which the request is handed to
// the host to that at which the answer's bytes were read, however late it is dispatched.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  const DEFAULT_TIMEOUT = '10s';
  // At most this many characters of a message are shown when its request fails.
  const SHOWN_MAXIMUM = 60;
  // Socket -> those that wait for a message, oldest first.
  const waiting = new WeakMap();

  const matcher = (match) => {
    if (match === undefined || match === null) return () => true;
    if (typeof match === 'function') return match;
    const { path, value } = match;
    if (typeof match !== 'object' || typeof path !== 'string') {
      throw new TypeError("match is a function, or has path and value: { path: '$.id', value: 7 }");
    }
    const json = value === undefined ? null : JSON.stringify(value);
    const problem = host.jsonMatches(path, json, '');
    if (typeof problem === 'string') throw new TypeError(problem);
    return (data) => typeof data === 'string' && host.jsonMatches(path, json, data);
  };

  // Says which call it was; the stack of its error says where.
  const shown = ({ called, message, match, name }) => {
    const subject = called === 'request' ? message : match;
    let text = '';
    if (typeof subject === 'string') text = JSON.stringify(subject);
    else if (subject instanceof ArrayBuffer || ArrayBuffer.isView(subject)) text = `${subject.byteLength} bytes`;
    else if (typeof subject === 'function') text = 'a function';
    else if (gharial.isBlob?.(subject)) text = `${subject.size} bytes`;
    else if (subject !== undefined && subject !== null) text = JSON.stringify(subject) ?? `${subject}`;
    if (text.length > SHOWN_MAXIMUM) text = `${text.slice(0, SHOWN_MAXIMUM)}…`;
    const parts = text === '' ? [] : [text];
    if (name !== '') parts.push(`name: ${JSON.stringify(name)}`);
    return `${called}(${parts.join(', ')})`;
  };

  // Returns an error whose stack is that of the call, not of what made it fail.
  const failure = (one, text, name) => {
    const error = gharial.domException(`${shown(one)}: ${text}`, name);
    Object.defineProperty(error, 'stack', { value: one.call.stack, configurable: true, writable: true });
    return error;
  };

  const ended = (one, code, reason) => failure(
    one, `the socket was closed (${`${code} ${reason}`.trim()}) before an answer came`, 'NetworkError');

  const settle = (socket, one, durationMs) => {
    const list = waiting.get(socket);
    list.splice(list.indexOf(one), 1);
    clearTimeout(one.timer);
    if (list.length === 0) {
      waiting.delete(socket);
      socket.removeEventListener('message', hear);
      socket.removeEventListener('close', end);
    }
    host.socketRequestEnded(gharial.socketId(socket), durationMs, one.name);
  };

  // Gives a message to the one that has waited longest of those whom it answers.
  function hear(event) {
    const list = waiting.get(this);
    const number = (list.heard += 1);
    for (const one of list) {
      if (number <= one.after) continue;
      let isAnswer;
      try {
        isAnswer = one.matches(event.data);
      } catch (error) {
        settle(this, one, null);
        one.reject(error);
        return;
      }
      if (!isAnswer) continue;
      // A message may carry the date of a turn of the loop that began just before.
      let durationMs = event.timestamp - one.startedMs;
      if (durationMs < 0) durationMs = host.nowMs() - one.startedMs;
      settle(this, one, durationMs);
      one.resolve(event.data);
      return;
    }
  }

  function end(event) {
    for (const one of [...waiting.get(this)]) {
      settle(this, one, null);
      one.reject(ended(one, event.code, event.reason));
    }
  }

  // Throws unless the socket is open, or is being closed by the server: then its code is
  // about to be known.
  const check = (socket, one) => {
    const code = gharial.socketEnded(socket);
    if (socket.readyState === 1 || (socket.readyState === 2 && code === null)) return;
    host.socketRequestEnded(gharial.socketId(socket), null, one.name);
    if (code) throw ended(one, code, '');
    throw failure(one, 'it needs an open socket', 'InvalidStateError');
  };

  const begin = (socket, called, message, match, options) => {
    const { timeout = DEFAULT_TIMEOUT, name = '' } = options ?? {};
    const one = {
      called, message, match, matches: matcher(match), name: `${name}`, call: new Error(),
      ...Promise.withResolvers(),
    };
    const limitMs = host.durationMs(typeof timeout === 'number' ? timeout : `${timeout}`);
    if (typeof limitMs === 'string') throw new TypeError(limitMs);
    check(socket, one);
    one.timer = setTimeout(() => {
      settle(socket, one, null);
      one.reject(failure(
        one, `no answer came within ${host.durationText(limitMs)}`, 'TimeoutError'));
    }, limitMs);
    if (!waiting.has(socket)) {
      const list = [];
      list.heard = 0;
      waiting.set(socket, list);
      socket.addEventListener('message', hear);
      socket.addEventListener('close', end);
    }
    const list = waiting.get(socket);
    // What waits for the script to have time came before it.
    const isSent = called === 'request' && socket.readyState === 1;
    one.after = called === 'request'
      ? list.heard + host.socketRequestBegins(gharial.socketId(socket), isSent) : 0;
    list.push(one);
    one.startedMs = host.nowMs();
    try {
      if (isSent) socket.send(message);
    } catch (error) {
      settle(socket, one, null);
      throw error;
    }
    return one.promise;
  };

  // What is wrong with the arguments rejects, as with any function that returns a promise.
  gharial.exchange = async (...given) => begin(...given);
})
