// XMLHttpRequest, as in a dedicated worker: without responseXML and documents.
//
// A virtual user has no origin: requests go anywhere and carry its cookies. Synchronous
// requests are refused, as they would stop all that the virtual user does meanwhile.
//
// Source: the XMLHttpRequest standard, section 3.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('http_requests');
  gharial.load('http_bodies');
  gharial.load('http_rules');
  gharial.load('forbidden_headers');
  gharial.load('request_bodies');
  gharial.load('progress_events');
  gharial.load('xhr_response');
  const { CHANGED } = gharial.eventCore;
  const KEY = {};
  const UNSENT = 0;
  const OPENED = 1;
  const HEADERS_RECEIVED = 2;
  const LOADING = 3;
  const DONE = 4;
  const REDIRECTS_MAXIMUM = 20;
  // As Firefox waits for an answer, if the script sets no limit.
  const LIMIT_MS = 300_000;
  const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];
  const REDIRECT_STATUSES = [301, 302, 303, 307, 308];
  const RESPONSE_TYPES = ['', 'arraybuffer', 'blob', 'json', 'text'];

  const invalidState = (text) => gharial.domException(text, 'InvalidStateError');

  class XMLHttpRequestEventTarget extends gharial.EventTarget {
    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      super();
    }
  }

  let isHeard;

  class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {
    #types = new Set();

    [CHANGED](type, listeners) {
      if (listeners === undefined) this.#types.delete(type);
      else this.#types.add(type);
    }

    static {
      isHeard = (upload) => upload.#types.size > 0;
    }
  }

  // Returns the content type of a request: text is sent in UTF-8, whatever the script said.
  const contentType = (given, own, isText) => {
    if (given === undefined) return own;
    if (!isText) return given;
    const type = gharial.parseMimeType(given);
    const charset = type?.parameters.get('charset');
    if (charset === undefined || charset.toLowerCase() === 'utf-8') return given;
    type.parameters.set('charset', 'UTF-8');
    return gharial.mimeTypeText(type);
  };

  class XMLHttpRequest extends XMLHttpRequestEventTarget {
    #state = UNSENT;
    #method = 'GET';
    #url = '';
    // Lower-case name -> the name as it was written first, and the value.
    #headers = new Map();
    #timeoutMs = 0;
    #timer = null;
    #startedMs = 0;
    #hasCredentials = false;
    #responseType = '';
    #override = null;
    #isSent = false;
    #isUploadHeard = false;
    #isUploadComplete = false;
    #bodyLength = 0;
    #upload = new XMLHttpRequestUpload(KEY);
    #response = null;
    // The request under way: what gives it up. Another one stands for another request.
    #fetch = null;

    constructor() {
      super(KEY);
    }

    get readyState() {
      return this.#state;
    }

    get upload() {
      return this.#upload;
    }

    get timeout() {
      return this.#timeoutMs;
    }

    set timeout(value) {
      this.#timeoutMs = value >>> 0;
      if (this.#fetch !== null) this.#setTimer();
    }

    get withCredentials() {
      return this.#hasCredentials;
    }

    set withCredentials(value) {
      if (this.#state > OPENED || this.#isSent) {
        throw invalidState('withCredentials: the request was sent already');
      }
      this.#hasCredentials = !!value;
    }

    open(method, url, isAsync = true, username = null, password = null) {
      gharial.required(2, arguments.length, "'open' on 'XMLHttpRequest'");
      const name = `${method}`;
      const found = gharial.httpMethod(name);
      if (found === null) {
        throw gharial.domException(`open: '${name}' is not a method`, 'SyntaxError');
      }
      if (found.isForbidden) {
        throw gharial.domException(`open: the method '${name}' is not allowed`, 'SecurityError');
      }
      gharial.load('url');
      const target = parsed(`${url}`);
      if (arguments.length > 2 && !isAsync) {
        throw gharial.domException(
          'open: synchronous requests are not supported, they would stop everything else of '
          + 'this virtual user; leave the third argument out, or pass true',
          'InvalidAccessError');
      }
      if (target.host !== '') {
        if (username !== null && username !== undefined) target.username = `${username}`;
        if (password !== null && password !== undefined) target.password = `${password}`;
      }
      target.hash = '';
      this.#end();
      this.#method = found.method;
      this.#url = target.href;
      this.#headers.clear();
      this.#response = null;
      this.#isSent = this.#isUploadHeard = false;
      if (this.#state === OPENED) return;
      this.#state = OPENED;
      this.#changed(true);
    }

    setRequestHeader(name, value) {
      gharial.required(2, arguments.length, "'setRequestHeader' on 'XMLHttpRequest'");
      this.#checkOpened('setRequestHeader');
      const key = `${name}`;
      const { value: text, problem } = gharial.headerValue(`${value}`);
      if (!gharial.isHttpToken(key) || problem !== undefined) {
        throw gharial.domException(
          `setRequestHeader: ${problem ?? `'${key}' is not a header name`}`, 'SyntaxError');
      }
      if (gharial.isForbiddenHeader(key, text)) return;
      const lower = key.toLowerCase();
      const present = this.#headers.get(lower);
      if (present === undefined) this.#headers.set(lower, [key, text]);
      else present[1] = `${present[1]}, ${text}`;
    }

    send(body = null) {
      this.#checkOpened('send');
      const hasBody = this.#method !== 'GET' && this.#method !== 'HEAD';
      const prepared = this.#prepare(hasBody ? body : null);
      this.#isUploadComplete = this.#bodyLength === null;
      this.#bodyLength ??= 0;
      this.#isUploadHeard = isHeard(this.#upload);
      this.#isSent = true;
      const fetch = (this.#fetch = {});
      this.#progress('loadstart', 0, 0, true);
      if (!this.#isUploadComplete && this.#isUploadHeard) {
        this.#tellUpload('loadstart', 0, this.#bodyLength, true);
      }
      if (this.#fetch !== fetch) return;
      this.#startedMs = host.nowMs();
      fetch.cancel = gharial.startHttp(prepared, (settled) => this.#settled(fetch, settled));
      this.#setTimer();
    }

    abort() {
      const isUnderWay = this.#state === HEADERS_RECEIVED || this.#state === LOADING ||
        (this.#state === OPENED && this.#isSent);
      this.#end();
      if (isUnderWay) this.#fail('abort', true);
      if (this.#state === DONE) {
        this.#state = UNSENT;
        this.#response = null;
      }
    }

    overrideMimeType(mime) {
      gharial.required(1, arguments.length, "'overrideMimeType' on 'XMLHttpRequest'");
      if (this.#state >= LOADING) throw invalidState('overrideMimeType: the response is here');
      this.#override = gharial.parseMimeType(`${mime}`)
        ?? gharial.parseMimeType('application/octet-stream');
    }

    get responseType() {
      return this.#responseType;
    }

    set responseType(value) {
      const type = `${value}`;
      // What is no such type is ignored; so are documents in workers.
      if (!RESPONSE_TYPES.includes(type)) return;
      if (this.#state >= LOADING) throw invalidState('responseType: the response is here');
      this.#responseType = type;
    }

    get response() {
      if (this.#responseType === '' || this.#responseType === 'text') return this.#text();
      const response = this.#response;
      if (this.#state !== DONE || response === null) return null;
      if (this.#responseType === 'json' && !response.hasBody) return null;
      return response.object(this.#responseType, this.#override);
    }

    get responseText() {
      if (this.#responseType !== '' && this.#responseType !== 'text') {
        throw invalidState(`responseText: the responseType is '${this.#responseType}'`);
      }
      return this.#text();
    }

    get responseURL() {
      return this.#response?.url ?? '';
    }

    get status() {
      return this.#response?.status ?? 0;
    }

    get statusText() {
      return this.#response?.statusText ?? '';
    }

    getResponseHeader(name) {
      gharial.required(1, arguments.length, "'getResponseHeader' on 'XMLHttpRequest'");
      return this.#response?.header(`${name}`) ?? null;
    }

    getAllResponseHeaders() {
      return this.#response?.headerLines ?? '';
    }

    // -- The inside ---------------------------------------------------------------------

    #checkOpened(method) {
      if (this.#state !== OPENED) throw invalidState(`${method}: call open() before`);
      if (this.#isSent) throw invalidState(`${method}: the request was sent already`);
    }

    #text() {
      if (this.#state < LOADING || this.#response === null) return '';
      return this.#response.text(this.#override);
    }

    #prepare(body) {
      if (host.isInit()) {
        throw invalidState('send: not in the init context; use it in a function');
      }
      const [own, content] = gharial.extractBody(body);
      const headers = new Map(this.#headers);
      const type = contentType(headers.get('content-type')?.[1], own, typeof body === 'string');
      if (type !== null && content !== null) {
        headers.set('content-type', [headers.get('content-type')?.[0] ?? 'Content-Type', type]);
      }
      if (!headers.has('accept')) headers.set('accept', ['Accept', '*/*']);
      this.#bodyLength = null;
      if (content !== null) {
        this.#bodyLength =
          typeof content === 'string' ? host.utf8Length(content) : content.byteLength;
      }
      return gharial.prepareHttp({
        method: this.#method,
        url: this.#url,
        headers: [...headers.values()],
        redirects: REDIRECTS_MAXIMUM,
        responseType: 'stream',
        expected: [[200, 399]],
        timeout: Math.max(LIMIT_MS, this.#timeoutMs * 2),
      }, content === null ? null : [content], null);
    }

    #setTimer() {
      this.#clearTimer();
      if (this.#timeoutMs === 0) return;
      const leftMs = Math.max(0, this.#startedMs + this.#timeoutMs - host.nowMs());
      this.#timer = host.setTimer(() => {
        this.#end();
        this.#fail('timeout');
      }, leftMs, false);
    }

    #clearTimer() {
      if (this.#timer !== null) host.clearTimer(this.#timer);
      this.#timer = null;
    }

    // Gives up what is under way, if anything is.
    #end() {
      this.#clearTimer();
      this.#fetch?.cancel?.();
      this.#fetch = null;
    }

    #settled(fetch, { answer, body }) {
      const arriving = body !== null && typeof body === 'object' && gharial.isHttpBody(body);
      if (arriving) fetch.cancel = () => body.cancel();
      const isRedirect = REDIRECT_STATUSES.includes(answer.status)
        && answer.headers.some(([name]) => name.toLowerCase() === 'location');
      if (answer.error || isRedirect) {
        this.#end();
        this.#fail('error');
        return;
      }
      this.#uploaded(fetch);
      if (this.#fetch !== fetch) return;
      const response = (this.#response = new gharial.XhrResponse(answer));
      response.hasBody =
        this.#method !== 'HEAD' && !NULL_BODY_STATUSES.includes(answer.status);
      this.#state = HEADERS_RECEIVED;
      this.#changed();
      if (this.#fetch !== fetch) return;
      if (arriving) {
        this.#receive(fetch, body);
        return;
      }
      if (response.hasBody && body.byteLength > 0) this.#received(new Uint8Array(body));
      if (this.#fetch === fetch) this.#complete();
    }

    #receive(fetch, body) {
      const listener = {
        chunk: (bytes) => {
          this.#received(bytes);
          if (this.#fetch === fetch) body.next(listener);
        },
        end: () => this.#complete(),
        error: () => {
          this.#end();
          this.#fail('error');
        },
      };
      body.next(listener);
    }

    #uploaded(fetch) {
      if (this.#isUploadComplete) return;
      this.#isUploadComplete = true;
      if (!this.#isUploadHeard) return;
      for (const type of ['progress', 'load', 'loadend']) {
        if (this.#fetch === fetch) this.#tellUpload(type, this.#bodyLength, this.#bodyLength);
      }
    }

    #received(bytes) {
      this.#response.push(bytes);
      const fetch = this.#fetch;
      this.#state = LOADING;
      // It says so each time, for what the web expects. That is at most every 50 ms in the
      // standard, which would leave the last piece of a pause unheard of.
      this.#changed();
      if (this.#fetch === fetch) this.#progress('progress');
    }

    #complete() {
      const fetch = this.#fetch;
      this.#response.isComplete = true;
      this.#clearTimer();
      this.#progress('progress');
      if (this.#fetch !== fetch) return;
      this.#fetch = null;
      this.#state = DONE;
      this.#isSent = false;
      // Another request may begin in a listener; its state is not touched.
      const response = this.#response;
      this.#changed();
      for (const type of ['load', 'loadend']) {
        if (this.#response === response) this.#progress(type);
      }
    }

    // Tells that there will be no answer, and why.
    #fail(type, isWithinScript = false) {
      this.#state = DONE;
      this.#isSent = false;
      this.#response = null;
      this.#changed(isWithinScript);
      if (!this.#isUploadComplete) {
        this.#isUploadComplete = true;
        if (this.#isUploadHeard) {
          this.#tellUpload(type, 0, 0, isWithinScript);
          this.#tellUpload('loadend', 0, 0, isWithinScript);
        }
      }
      this.#progress(type, 0, 0, isWithinScript);
      this.#progress('loadend', 0, 0, isWithinScript);
    }

    #changed(isWithinScript = false) {
      gharial.fire(this, gharial.plainEvent('readystatechange', host.nowMs()), isWithinScript);
    }

    #progress(type, loaded = this.#response.receivedBytes, total = this.#response.length,
      isWithinScript = false) {
      gharial.fire(this, gharial.progressEvent(type, loaded, total), isWithinScript);
    }

    #tellUpload(type, loaded, total, isWithinScript = false) {
      gharial.fire(this.#upload, gharial.progressEvent(type, loaded, total), isWithinScript);
    }
  }

  const parsed = (url) => {
    try {
      return new gharial.URL(url);
    } catch {
      throw gharial.domException(
        `open: '${url}' is not a URL; it must be absolute, as virtual users have no page`,
        'SyntaxError');
    }
  };

  gharial.constants(XMLHttpRequest, { UNSENT, OPENED, HEADERS_RECEIVED, LOADING, DONE });
  gharial.defineHandlers(XMLHttpRequestEventTarget,
    ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend']);
  gharial.defineHandlers(XMLHttpRequest, ['readystatechange']);
  gharial.expose(XMLHttpRequestEventTarget);
  gharial.expose(XMLHttpRequestUpload);
  gharial.expose(XMLHttpRequest);
})
