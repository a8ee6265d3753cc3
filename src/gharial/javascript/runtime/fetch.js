// fetch, Headers and Response. Leaves in `gharial`: nothing but the globals.
//
// Source: the Fetch standard, sections 5.1, 5.5 and 5.6. Not there: Request, FormData,
// caches, CORS (scripts have no origin), streams as bodies.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('http_requests');
  gharial.load('http_rules');
  gharial.load('request_bodies');
  const REDIRECTS_MAXIMUM = 20;
  const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];
  const isObject = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';

  // -- Headers ------------------------------------------------------------------------

  const checkedName = (name) => {
    const text = `${name}`;
    if (!gharial.isHttpToken(text)) throw new TypeError(`Headers: '${text}' is not a header name`);
    return text.toLowerCase();
  };

  const checkedValue = (given) => {
    const { value, problem } = gharial.headerValue(`${given}`);
    if (problem !== undefined) throw new TypeError(`Headers: ${problem}`);
    return value;
  };

  gharial.load('pair_iterators');
  const iterator = gharial.pairIterators('Headers');

  class Headers {
    // Pairs of lower-case name and value.
    #list = [];

    constructor(init = undefined) {
      if (init === undefined) return;
      if (!isObject(init)) throw new TypeError('Headers: the argument is not an object');
      if (typeof init[Symbol.iterator] === 'function') {
        for (const pair of init) {
          const items = isObject(pair) ? [...pair] : [];
          if (items.length !== 2) {
            throw new TypeError('Headers: each entry must be a name and a value');
          }
          this.append(...items);
        }
      } else {
        for (const name of Object.keys(init)) this.append(name, init[name]);
      }
    }

    append(name, value) {
      gharial.required(2, arguments.length, "'append' on 'Headers'");
      this.#list.push([checkedName(name), checkedValue(value)]);
    }

    delete(name) {
      gharial.required(1, arguments.length, "'delete' on 'Headers'");
      const wanted = checkedName(name);
      this.#list = this.#list.filter(([other]) => other !== wanted);
    }

    get(name) {
      gharial.required(1, arguments.length, "'get' on 'Headers'");
      const wanted = checkedName(name);
      const found = this.#list.filter(([other]) => other === wanted);
      return found.length === 0 ? null : found.map(([, value]) => value).join(', ');
    }

    getSetCookie() {
      return this.#list.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    }

    has(name) {
      gharial.required(1, arguments.length, "'has' on 'Headers'");
      const wanted = checkedName(name);
      return this.#list.some(([other]) => other === wanted);
    }

    set(name, value) {
      gharial.required(2, arguments.length, "'set' on 'Headers'");
      const pair = [checkedName(name), checkedValue(value)];
      const first = this.#list.findIndex(([other]) => other === pair[0]);
      if (first < 0) {
        this.#list.push(pair);
        return;
      }
      this.#list = this.#list.filter(([other], index) => index <= first || other !== pair[0]);
      this.#list[first] = pair;
    }

    entries() {
      return this.#iterator((pair) => pair);
    }

    keys() {
      return this.#iterator(([name]) => name);
    }

    values() {
      return this.#iterator(([, value]) => value);
    }

    // Looks at the list anew at each step: it may change meanwhile.
    #iterator(partOf) {
      return iterator((index) => this.#sorted()[index], partOf);
    }

    #sorted() {
      const names = [...new Set(this.#list.map(([name]) => name))].sort();
      return names.flatMap((name) => (name === 'set-cookie'
        ? this.getSetCookie().map((value) => [name, value]) : [[name, this.get(name)]]));
    }

    forEach(callback, receiver = undefined) {
      gharial.required(1, arguments.length, "'forEach' on 'Headers'");
      for (const [name, value] of this.entries()) callback.call(receiver, value, name, this);
    }
  }

  // -- Responses ----------------------------------------------------------------------

  const INTERNAL = {};

  class Response {
    #body;
    #bodyUsed = false;
    #facts;
    #headers;

    constructor(body = null, init = undefined) {
      if (body === INTERNAL) {
        [this.#body, this.#headers, this.#facts] = init;
        return;
      }
      const { status = 200, statusText = '', headers = undefined } = init ?? {};
      if (!(status >= 200 && status <= 599)) {
        throw new RangeError('Response: the status must be from 200 to 599');
      }
      const [mediaType, content] = gharial.extractBody(body);
      if (content !== null && NULL_BODY_STATUSES.includes(Number(status))) {
        throw new TypeError(`Response: an answer with status ${status} has no body`);
      }
      this.#headers = new Headers(headers);
      if (mediaType !== null && !this.#headers.has('content-type')) {
        this.#headers.set('content-type', mediaType);
      }
      this.#body = typeof content === 'string' ? host.utf8Encode(content) : content;
      this.#facts = {
        status: Math.trunc(status), statusText: `${statusText}`, url: '', redirected: false,
        type: 'default',
      };
    }

    get status() {
      return this.#facts.status;
    }

    get statusText() {
      return this.#facts.statusText;
    }

    get ok() {
      return this.#facts.status >= 200 && this.#facts.status <= 299;
    }

    get url() {
      return this.#facts.url;
    }

    get redirected() {
      return this.#facts.redirected;
    }

    get type() {
      return this.#facts.type;
    }

    get headers() {
      return this.#headers;
    }

    get bodyUsed() {
      return this.#bodyUsed;
    }

    #take() {
      if (this.#bodyUsed) throw new TypeError('the body of this Response was read already');
      this.#bodyUsed = this.#body !== null;
      return new Uint8Array(this.#body ?? 0);
    }

    async arrayBuffer() {
      return this.#take().slice().buffer;
    }

    async bytes() {
      return this.#take().slice();
    }

    async blob() {
      const bytes = this.#take();
      gharial.load('blob');
      return gharial.makeBlob(bytes.slice().buffer, this.#headers.get('content-type') ?? '');
    }

    async text() {
      return host.utf8Decode(this.#take()).replace(/^\uFEFF/, '');
    }

    async json() {
      return JSON.parse(await this.text());
    }

    clone() {
      if (this.#bodyUsed) throw new TypeError('the body of this Response was read already');
      return new Response(
        INTERNAL, [this.#body, new Headers(this.#headers), this.#facts]);
    }

    static json(data, init = undefined) {
      gharial.required(1, arguments.length, "'json' on 'Response'");
      const response = new Response(JSON.stringify(data), init);
      if (!new Headers(init?.headers).has('content-type')) {
        response.headers.set('content-type', 'application/json');
      }
      return response;
    }
  }

  // -- fetch --------------------------------------------------------------------------

  const methodOf = (given) => {
    const text = `${given ?? 'GET'}`;
    const found = gharial.httpMethod(text);
    if (found === null || found.isForbidden) {
      throw new TypeError(`fetch: '${text}' is not a method that can be used`);
    }
    return found.method;
  };

  const prepare = (url, init) => {
    const method = methodOf(init.method);
    const redirect = `${init.redirect ?? 'follow'}`;
    if (!['follow', 'error', 'manual'].includes(redirect)) {
      throw new TypeError(`fetch: redirect is 'follow', 'error' or 'manual', not '${redirect}'`);
    }
    const headers = new Headers(init.headers ?? undefined);
    const [mediaType, content] = gharial.extractBody(init.body);
    if (content !== null && (method === 'GET' || method === 'HEAD')) {
      throw new TypeError(`fetch: a request with method ${method} has no body`);
    }
    if (mediaType !== null && !headers.has('content-type')) headers.set('content-type', mediaType);
    if (host.isInit()) {
      throw new TypeError('fetch cannot be used in the init context; use it in a function');
    }
    const spec = {
      method,
      url,
      headers: [...headers.entries()],
      redirects: redirect === 'follow' ? REDIRECTS_MAXIMUM : 0,
      responseType: 'binary',
      expected: [[200, 399]],
    };
    return [gharial.prepareHttp(spec, content === null ? null : [content], null), redirect];
  };

  const isRedirect = ({ status, headers }) =>
    [301, 302, 303, 307, 308].includes(status)
    && headers.some(([name]) => name.toLowerCase() === 'location');

  const respond = ({ answer, body }, redirect, url) => {
    if (answer.error) throw new TypeError(`fetch failed: ${answer.error_detail}`);
    if (redirect !== 'manual' && isRedirect(answer)) {
      throw new TypeError(
        redirect === 'error' ? 'fetch failed: the server redirects'
          : `fetch failed: more than ${REDIRECTS_MAXIMUM} redirects`);
    }
    const hasBody = !NULL_BODY_STATUSES.includes(answer.status);
    return new Response(INTERNAL, [hasBody ? body : null, new Headers(answer.headers), {
      status: answer.status,
      statusText: answer.status_text.replace(/^\d+ ?/, ''),
      url: answer.url,
      redirected: answer.url !== url,
      type: 'basic',
    }]);
  };

  // Settles with the answer, or with the signal's reason if that comes first.
  const settled = (sent, signal) => {
    if (signal === null || signal === undefined) return sent.answered;
    return new Promise((resolve, reject) => {
      const forget = gharial.onAbort(signal, () => {
        sent.cancel();
        reject(signal.reason);
      });
      sent.answered.then(resolve, reject).finally(forget);
    });
  };

  const fetch = async function fetch(input, init = undefined) {
    gharial.required(1, arguments.length, "'fetch'");
    const options = init ?? {};
    if (!isObject(options)) throw new TypeError('fetch: the options are not an object');
    gharial.load('url');
    const { href, hash } = new gharial.URL(`${input}`);
    const url = hash === '' ? href : href.slice(0, -hash.length);
    const { signal } = options;
    const [prepared, redirect] = prepare(url, options);
    if (signal !== undefined && signal !== null) {
      gharial.load('abort');
      if (gharial.isAborted(signal)) throw signal.reason;
    }
    return respond(await settled(gharial.sendHttp(prepared), signal), redirect, url);
  };

  gharial.expose(Headers);
  Object.defineProperty(Headers.prototype, Symbol.iterator, {
    value: Headers.prototype.entries, writable: true, configurable: true,
  });
  gharial.expose(Response);
  gharial.define('fetch', fetch);
})
