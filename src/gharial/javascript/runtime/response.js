// Response. Leaves in `gharial`: makeResponse. Source: the Fetch standard, section 5.5.
(function (gharial) {
  'use strict';
  gharial.load('headers');
  gharial.load('request_bodies');
  gharial.load('bodies');
  const INTERNAL = {};
  const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];
  const REDIRECT_STATUSES = [301, 302, 303, 307, 308];

  let bodyOf;
  let headersOf;

  class Response {
    #body = null;
    #facts;
    #headers;

    constructor(body = null, init = undefined) {
      if (body === INTERNAL) {
        [this.#body, this.#headers, this.#facts] = init;
        return;
      }
      const { status = 200, statusText = '', headers = undefined } = init ?? {};
      const code = Math.trunc(+status);
      if (!(code >= 200 && code <= 599)) {
        throw new RangeError('Response: the status must be from 200 to 599');
      }
      const phrase = `${statusText}`;
      if (!/^[\t -~\x80-\xff]*$/.test(phrase)) {
        throw new TypeError('Response: the statusText must be one line');
      }
      this.#headers = new gharial.Headers(headers);
      this.#facts = {
        status: code, statusText: phrase, url: '', redirected: false, type: 'default',
      };
      const [mediaType, content] = gharial.extractBody(body);
      if (content === null) return;
      if (NULL_BODY_STATUSES.includes(code)) {
        throw new TypeError(`Response: an answer with status ${code} has no body`);
      }
      this.#body = new gharial.Body(content);
      if (mediaType !== null && !this.#headers.has('content-type')) {
        this.#headers.set('content-type', mediaType);
      }
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

    clone() {
      return new Response(
        INTERNAL, [this.#body?.clone() ?? null, new gharial.Headers(this.#headers), this.#facts]);
    }

    static json(data, init = undefined) {
      gharial.required(1, arguments.length, "'json' on 'Response'");
      const text = JSON.stringify(data);
      if (text === undefined) throw new TypeError('Response.json: the data is not JSON');
      const response = new Response(text, init);
      if (!new gharial.Headers(init?.headers).has('content-type')) {
        response.headers.set('content-type', 'application/json');
      }
      return response;
    }

    static error() {
      return new Response(INTERNAL, [null, gharial.freezeHeaders(new gharial.Headers()), {
        status: 0, statusText: '', url: '', redirected: false, type: 'error',
      }]);
    }

    static redirect(url, status = 302) {
      gharial.required(1, arguments.length, "'redirect' on 'Response'");
      gharial.load('url');
      const { href } = new gharial.URL(`${url}`);
      if (!REDIRECT_STATUSES.includes(Math.trunc(+status))) {
        throw new RangeError(`Response.redirect: ${status} is not the status of a redirect`);
      }
      const response = new Response(null, { status, headers: { location: href } });
      gharial.freezeHeaders(response.headers);
      return response;
    }

    static {
      bodyOf = (response) => response.#body;
      headersOf = (response) => response.#headers;
    }
  }

  gharial.defineBody(Response, (response) => bodyOf(response), (response) => {
    const type = headersOf(response).get('content-type');
    return type === null ? [] : [type];
  });
  gharial.expose(Response);

  // Returns the response that an answer stands for. `onEnd` is called once nothing more of
  // its body will arrive.
  gharial.makeResponse = (answer, content, url, onEnd) => {
    const hasBody = !NULL_BODY_STATUSES.includes(answer.status);
    const body = hasBody ? new gharial.Body(content, onEnd) : null;
    const headers = gharial.freezeHeaders(new gharial.Headers(answer.headers));
    return [new Response(INTERNAL, [body, headers, {
      status: answer.status,
      statusText: answer.status_text.replace(/^\d+ ?/, ''),
      url: answer.url,
      redirected: answer.url !== url,
      type: 'basic',
    }]), body];
  };
})
