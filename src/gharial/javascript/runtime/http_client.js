// The requests of `k6/http`. Leaves in `gharial`: http.
//
// Source: k6 v2.2, internal/js/modules/k6/http, and its documentation.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('http_requests');

  const isObject = (value) => typeof value === 'object' && value !== null;
  const isBytes = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);

  // -- What is sent -------------------------------------------------------------------

  class FileData {
    constructor(data, filename, contentType) {
      this.data = data;
      this.filename = filename;
      this.content_type = contentType;
    }
  }

  class HttpUrl {
    constructor(name, url) {
      this.name = name;
      this.url = url;
    }

    toString() {
      return this.url;
    }
  }

  class ExpectedStatuses {
    #ranges;

    constructor(ranges) {
      this.#ranges = ranges;
    }

    static rangesOf(value) {
      if (value === null) return null;
      if (!isObject(value) || !(#ranges in value)) {
        throw new TypeError('a response callback is made by expectedStatuses(), or null');
      }
      return value.#ranges;
    }
  }

  let expectedByDefault = [[200, 399]];

  // What Go's url.QueryEscape leaves alone, and a plus for a space.
  const formEncoded = (value) => encodeURIComponent(gharial.toUSVString(value))
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+');

  const entriesOf = (body) => Object.entries(body).flatMap(([name, value]) =>
    (Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]]));

  // By name, as Go does it, so that equal forms are equal bytes; the values of an array stay
  // in their order.
  const form = (body) => entriesOf(body)
    .sort(([one], [other]) => (one < other ? -1 : Number(one > other)))
    .map(([name, value]) => `${formEncoded(name)}=${formEncoded(value)}`)
    .join('&');

  const quoted = (text) => String(text)
    .replace(/["\\]/g, '\\$&').replace(/\r/g, '%0D').replace(/\n/g, '%0A');

  const multipart = (body) => {
    const boundary = `----gharial${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`;
    const chunks = [];
    for (const [name, value] of entriesOf(body)) {
      chunks.push(`--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`);
      if (value instanceof FileData) {
        chunks.push(
          `; filename="${quoted(value.filename)}"\r\nContent-Type: ${value.content_type}\r\n\r\n`,
          value.data, '\r\n');
      } else {
        chunks.push(`\r\n\r\n${gharial.toUSVString(value)}\r\n`);
      }
    }
    chunks.push(`--${boundary}--\r\n`);
    return [`multipart/form-data; boundary=${boundary}`, chunks];
  };

  // Returns the media type that a body has by itself, and its pieces.
  const encoded = (body) => {
    if (body === undefined || body === null) return [null, null];
    if (typeof body === 'string') return [null, [body]];
    if (isBytes(body)) return [null, [body]];
    if (gharial.isBlob?.(body)) return [body.type || null, [gharial.blobBytes(body)]];
    if (body instanceof FileData) return [body.content_type, [body.data]];
    if (!isObject(body) || Array.isArray(body)) {
      throw new TypeError(
        `the body of a request is a string, an ArrayBuffer or an object, not ${
          Array.isArray(body) ? 'an array; use JSON.stringify()' : `a ${typeof body}`}`);
    }
    if (entriesOf(body).some(([, value]) => value instanceof FileData)) return multipart(body);
    return ['application/x-www-form-urlencoded', [form(body)]];
  };

  const redirectsOf = (value) => {
    if (value === undefined || value === null) return null;
    const count = Number(value);
    if (!(count >= 0)) throw new TypeError(`redirects is a number from 0 up, not ${value}`);
    return Math.min(Math.trunc(count), 1e6);
  };

  const responseTypeOf = (value) => {
    if (value === undefined || value === null) return null;
    if (!['text', 'binary', 'none'].includes(value)) {
      throw new TypeError(`responseType is 'text', 'binary' or 'none', not '${value}'`);
    }
    return value;
  };

  const cookiesOf = (cookies) => Object.entries(cookies ?? {}).map(([name, value]) =>
    (isObject(value) ? [name, String(value.value), Boolean(value.replace)]
      : [name, String(value), false]));

  const tagsOf = (url, tags) => {
    const plain = {};
    if (url instanceof HttpUrl) plain.name = url.name;
    for (const [name, value] of Object.entries(tags ?? {})) plain[name] = String(value);
    return plain;
  };

  const textOrNull = (value) => (value === undefined || value === null ? null : String(value));

  // Returns a request that is ready to go, with what its response has to know of it.
  const prepare = (method, url, body, params) => {
    if (host.isInit()) {
      throw new Error('requests cannot be made in the init context; make them in a function');
    }
    if (url === undefined || url === null) throw new TypeError('a request needs a URL');
    const given = isObject(params) ? params : {};
    const [mediaType, chunks] = encoded(body);
    const headers = Object.entries(given.headers ?? {}).map(([name, value]) => [name, String(value)]);
    if (mediaType !== null && !headers.some(([name]) => name.toLowerCase() === 'content-type')) {
      headers.push(['Content-Type', mediaType]);
    }
    const { timeout } = given;
    const spec = {
      method: String(method).toUpperCase(),
      url: gharial.toUSVString(url),
      headers,
      cookies: cookiesOf(given.cookies),
      tags: tagsOf(url, given.tags),
      // As in k6, unlike fetch().
      tagsQuery: true,
      timeout: typeof timeout === 'number' ? timeout : textOrNull(timeout),
      redirects: redirectsOf(given.redirects),
      auth: textOrNull(given.auth),
      compression: textOrNull(given.compression),
      responseType: responseTypeOf(given.responseType),
      expected: given.responseCallback === undefined
        ? expectedByDefault : ExpectedStatuses.rangesOf(given.responseCallback),
    };
    return {
      ready: gharial.prepareHttp(spec, chunks, gharial.jarOf(given.jar)),
      spec,
      chunks,
      throws: given.throw === undefined ? host.throws() : Boolean(given.throw),
    };
  };

  // -- What comes back ----------------------------------------------------------------

  const canonical = (name) =>
    name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());

  const joinedHeaders = (pairs) => {
    const headers = {};
    for (const [written, value] of pairs) {
      const name = canonical(written);
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    return headers;
  };

  const listedHeaders = (pairs) => {
    const headers = {};
    for (const [name, value] of pairs) (headers[canonical(name)] ??= []).push(value);
    return headers;
  };

  const sentCookies = (headers, given) => {
    const replaced = new Set(given.filter(([, , replace]) => replace).map(([name]) => name));
    const cookies = {};
    for (const pair of (headers.Cookie ?? []).join('; ').split('; ')) {
      const split = pair.indexOf('=');
      if (split <= 0) continue;
      const name = pair.slice(0, split);
      (cookies[name] ??= []).push(
        { name, value: pair.slice(split + 1), replace: replaced.has(name) });
    }
    return cookies;
  };

  const bodyText = (chunks) => (chunks ?? []).map((chunk) =>
    (typeof chunk === 'string' ? chunk : host.utf8Decode(chunk))).join('');

  class Response {
    #parsed;

    constructor(answer, body, { spec, chunks }) {
      const { headers, request: sent, error_detail: _, ...rest } = answer;
      Object.assign(this, rest);
      this.headers = joinedHeaders(headers);
      this.body = body;
      const sentHeaders = listedHeaders(sent.headers);
      this.request = {
        method: sent.method,
        url: sent.url,
        headers: sentHeaders,
        body: bodyText(chunks),
        cookies: sentCookies(sentHeaders, spec.cookies),
      };
    }

    #text(what) {
      const { body } = this;
      if (body === null || body === undefined) {
        throw new Error(
          `the body is null so we can't transform it to ${what} - this likely was because of a `
          + 'request error getting the response');
      }
      return typeof body === 'string' ? body : host.utf8Decode(body);
    }

    json(selector) {
      const text = this.#text('JSON');
      if (this.#parsed?.text !== text) {
        try {
          this.#parsed = { text, value: JSON.parse(text) };
        } catch (error) {
          throw new Error(`cannot parse json due to an error: ${error.message}`);
        }
      }
      if (selector === undefined || selector === null) return this.#parsed.value;
      gharial.load('json_path');
      return gharial.jsonPath(this.#parsed.value, String(selector));
    }

    html(selector) {
      const text = this.#text('HTML');
      if (gharial.parseHTML === undefined) {
        const problem = host.httpLoadHtml();
        if (problem !== null) throw new Error(problem);
      }
      const page = gharial.parseHTML(text);
      return selector === undefined || selector === null ? page : page.find(selector);
    }

    submitForm() {
      throw new Error(
        'submitForm() is not part of Gharial; read the form with html() and use http.post()');
    }

    clickLink() {
      throw new Error(
        'clickLink() is not part of Gharial; read the link with html() and use http.get()');
    }
  }

  const respond = (answer, body, prepared) => {
    if (answer.error && prepared.throws) throw new Error(answer.error_detail);
    return new Response(answer, body, prepared);
  };

  const run = (batch) => {
    const results = host.httpRun(batch.map(({ ready }) => ready), batch.length);
    if (typeof results === 'string') throw new Error(results);
    return results.map(([answer, body], index) =>
      respond(JSON.parse(answer), body, batch[index]));
  };

  // The four arguments of one request of a batch.
  const argumentsOf = (one) => {
    if (Array.isArray(one)) return [one[0] ?? 'GET', one[1], one[2], one[3]];
    if (isObject(one) && !(one instanceof HttpUrl)) {
      return [one.method ?? 'GET', one.url, one.body, one.params];
    }
    return ['GET', one, null, null];
  };

  gharial.http = {
    request: (method, url, body, params) => run([prepare(method, url, body, params)])[0],

    async asyncRequest(method, url, body, params) {
      const prepared = prepare(method, url, body, params);
      const result = await gharial.sendHttp(prepared.ready).answered;
      return respond(result.answer, result.body, prepared);
    },

    batch(requests) {
      if (!isObject(requests)) throw new TypeError('batch() takes an array or an object');
      const names = Object.keys(requests);
      const prepared = names.map((name) => prepare(...argumentsOf(requests[name])));
      const responses = prepared.length === 0 ? [] : run(prepared);
      if (Array.isArray(requests)) return responses;
      return Object.fromEntries(names.map((name, index) => [name, responses[index]]));
    },

    file(data, filename, contentType) {
      if (typeof data !== 'string' && !isBytes(data)) {
        throw new TypeError('http.file() takes a string or an ArrayBuffer');
      }
      return new FileData(
        data, String(filename ?? Date.now()), String(contentType ?? 'application/octet-stream'));
    },

    url(parts, ...values) {
      if (!Array.isArray(parts)) return new HttpUrl(String(parts), String(parts));
      const whole = parts.reduce((text, part, index) => text + values[index - 1] + part);
      return new HttpUrl(parts.join('${}'), whole);
    },

    expectedStatuses(...statuses) {
      if (statuses.length === 0) throw new TypeError('expectedStatuses() needs a status');
      return new ExpectedStatuses(statuses.map((status) => {
        const [first, last] = isObject(status) ? [status.min, status.max] : [status, status];
        if (!Number.isInteger(first) || !Number.isInteger(last)) {
          throw new TypeError(
            'expectedStatuses() takes whole numbers and objects such as { min: 200, max: 299 }');
        }
        return [first, last];
      }));
    },

    setResponseCallback(callback) {
      expectedByDefault = ExpectedStatuses.rangesOf(callback);
    },
  };
})
