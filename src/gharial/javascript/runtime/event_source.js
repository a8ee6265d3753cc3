// EventSource. Source: HTML, section 9.2 (server-sent events).
//
//   CONNECTING --the headers are right--> OPEN --the stream ends--> CONNECTING (after a while)
//   any state --close(), or an answer that is no stream of events--> CLOSED
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('http_requests');
  gharial.load('http_bodies');
  gharial.load('mime_types');
  gharial.load('url');
  const { STATE, messagePrototype } = gharial.eventCore;
  const CONNECTING = 0;
  const OPEN = 1;
  const CLOSED = 2;
  const REDIRECTS_MAXIMUM = 20;
  const LIMIT_MS = 300_000;
  // As Chrome waits before it connects again, unless the server says else.
  const RECONNECTION_MS = 3000;

  // Takes a stream apart into events; calls back with the type, data and last id of each.
  class EventStream {
    lastId;
    retryMs = null;
    #dispatch;
    #decoderState = null;
    // A line that has not ended.
    #rest = '';
    // Whether a line feed that comes now belongs to the line before.
    #skipsLineFeed = false;
    #type = '';
    #data = [];
    #id;

    constructor(lastId, dispatch) {
      this.lastId = this.#id = lastId;
      this.#dispatch = dispatch;
    }

    push(bytes) {
      const decoded = host.decode('utf-8', bytes, this.#decoderState, false, false, false);
      this.#decoderState = decoded[1];
      let text = decoded[0];
      if (text === '') return;
      if (this.#skipsLineFeed && text[0] === '\n') text = text.slice(1);
      this.#skipsLineFeed = text.endsWith('\r');
      const lines = (this.#rest + text).split(/\r\n|\n|\r/);
      this.#rest = lines.pop();
      for (const line of lines) this.#line(line);
    }

    #line(line) {
      if (line === '') {
        this.#end();
        return;
      }
      const colon = line.indexOf(':');
      const name = colon < 0 ? line : line.slice(0, colon);
      const start = line[colon + 1] === ' ' ? colon + 2 : colon + 1;
      const value = colon < 0 ? '' : line.slice(start);
      if (name === 'data') this.#data.push(value);
      else if (name === 'event') this.#type = value;
      else if (name === 'id' && !value.includes('\0')) this.#id = value;
      else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
    }

    #end() {
      this.lastId = this.#id;
      const [type, data] = [this.#type, this.#data];
      this.#type = '';
      this.#data = [];
      if (data.length > 0) this.#dispatch(type || 'message', data.join('\n'), this.lastId);
    }
  }

  const messageEvent = (type, data, origin, lastEventId) => ({
    __proto__: messagePrototype,
    [STATE]: [
      $KIND_MESSAGE, type, host.nowMs(), $BY_PLATFORM, null, null,
      data, origin, lastEventId, null, Object.freeze([]),
    ],
  });

  class EventSource extends gharial.EventTarget {
    #url;
    #hasCredentials;
    #state = CONNECTING;
    #reconnectionMs = RECONNECTION_MS;
    #lastId = '';
    // What gives the connection, or the wait for the next one, up.
    #cancel = null;

    constructor(url, init = undefined) {
      gharial.required(1, arguments.length, "'EventSource' constructor");
      super();
      const text = `${url}`;
      try {
        this.#url = new gharial.URL(text).href;
      } catch {
        throw gharial.domException(
          `EventSource: '${text}' is not a URL; it must be absolute, as virtual users have no page`,
          'SyntaxError');
      }
      if (host.isInit()) {
        throw new TypeError(
          'an EventSource cannot be made in the init context; make it in a function');
      }
      this.#hasCredentials = !!init?.withCredentials;
      this.#connect();
    }

    get url() {
      return this.#url;
    }

    get withCredentials() {
      return this.#hasCredentials;
    }

    get readyState() {
      return this.#state;
    }

    close() {
      this.#state = CLOSED;
      this.#cancel?.();
      this.#cancel = null;
    }

    #connect() {
      const headers = [['Accept', 'text/event-stream'], ['Cache-Control', 'no-store']];
      if (this.#lastId !== '') {
        headers.push(['Last-Event-ID', gharial.toUSVString(this.#lastId)]);
      }
      const hash = this.#url.indexOf('#');
      const prepared = gharial.prepareHttp({
        method: 'GET',
        url: hash < 0 ? this.#url : this.#url.slice(0, hash),
        headers,
        redirects: REDIRECTS_MAXIMUM,
        responseType: 'stream',
        expected: [[200, 399]],
        timeout: LIMIT_MS,
        isKept: true,
      }, null, null);
      this.#cancel = gharial.startHttp(prepared, (settled) => this.#answered(settled));
    }

    #answered({ answer, body }) {
      this.#cancel = null;
      const arriving = body !== null && typeof body === 'object' && gharial.isHttpBody(body);
      if (answer.error) {
        this.#reconnect();
        return;
      }
      const types = answer.headers.filter(([name]) => name.toLowerCase() === 'content-type');
      const type = gharial.mimeTypeOf(types.map(([, value]) => value));
      if (answer.status !== 200 || type?.essence !== 'text/event-stream') {
        if (arriving) body.cancel();
        this.#state = CLOSED;
        host.log('warn', `EventSource: ${answer.url} gave up: the answer is ${answer.status_text}`
          + `${type === null ? '' : `, ${type.essence}`}, not 200 and text/event-stream`);
        this.#fire('error');
        return;
      }
      if (arriving) this.#cancel = () => body.cancel();
      this.#state = OPEN;
      this.#fire('open');
      if (this.#state === OPEN) this.#receive(answer, arriving ? body : null, body);
    }

    #receive(answer, arriving, whole) {
      const { origin } = new gharial.URL(answer.url);
      const stream = new EventStream(this.#lastId, (type, data, lastId) => {
        if (this.#state === OPEN) gharial.fire(this, messageEvent(type, data, origin, lastId));
      });
      const take = (bytes) => {
        stream.push(bytes);
        this.#lastId = stream.lastId;
        this.#reconnectionMs = stream.retryMs ?? this.#reconnectionMs;
      };
      if (arriving === null) {
        take(new Uint8Array(whole));
        this.#reconnect();
        return;
      }
      const listener = {
        chunk: (bytes) => {
          take(bytes);
          if (this.#state === OPEN) arriving.next(listener);
        },
        end: () => this.#reconnect(),
        error: () => this.#reconnect(),
      };
      arriving.next(listener);
    }

    #reconnect() {
      if (this.#state === CLOSED) return;
      this.#state = CONNECTING;
      const id = host.setTimer(() => {
        this.#cancel = null;
        this.#connect();
      }, this.#reconnectionMs, false);
      this.#cancel = () => host.clearTimer(id);
      this.#fire('error');
    }

    #fire(type) {
      gharial.fire(this, gharial.plainEvent(type, host.nowMs()));
    }
  }

  gharial.constants(EventSource, { CONNECTING, OPEN, CLOSED });
  gharial.defineHandlers(EventSource, ['open', 'message', 'error']);
  gharial.expose(EventSource);
})
