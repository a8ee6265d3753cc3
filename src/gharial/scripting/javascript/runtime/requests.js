// Requests over a socket: a message, and the one that answers it. Loaded when a script first
// calls request() or expect(). Leaves in `gharial`: exchange.
//
// They are measured from wire to wire: from the instant at which the request is handed to
// the host to that at which the answer's bytes were read, however late it is dispatched.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  const DEFAULT_TIMEOUT = '10s';
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
    for (const one of waiting.get(this)) {
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
      one.reject(gharial.domException(
        `the socket was closed (${event.code}) before an answer came`, 'NetworkError'));
    }
  }

  const begin = (socket, match, options, send) => {
    const { timeout = DEFAULT_TIMEOUT, name = '' } = options ?? {};
    const one = { matches: matcher(match), name: `${name}`, ...Promise.withResolvers() };
    const limitMs = host.durationMs(typeof timeout === 'number' ? timeout : `${timeout}`);
    if (typeof limitMs === 'string') throw new TypeError(limitMs);
    if (socket.readyState !== 1) {
      host.socketRequestEnded(gharial.socketId(socket), null, one.name);
      throw gharial.domException('request() and expect() need an open socket', 'InvalidStateError');
    }
    one.timer = setTimeout(() => {
      settle(socket, one, null);
      one.reject(gharial.domException(
        `no message that answers it came within ${host.durationText(limitMs)}`, 'TimeoutError'));
    }, limitMs);
    if (!waiting.has(socket)) {
      waiting.set(socket, []);
      socket.addEventListener('message', hear);
      socket.addEventListener('close', end);
    }
    waiting.get(socket).push(one);
    one.startedMs = host.nowMs();
    try {
      send?.();
    } catch (error) {
      settle(socket, one, null);
      throw error;
    }
    return one.promise;
  };

  // What is wrong with the arguments rejects, as with any function that returns a promise.
  gharial.exchange = async (socket, match, options, send) => begin(socket, match, options, send);
})
