// fetch. Leaves in `gharial`: nothing but the global.
//
// Source: the Fetch standard, section 5.6. Not there: caches and CORS, as scripts have no
// origin. Bodies that are streams are sent once they are complete.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('http_requests');
  gharial.load('http_bodies');
  gharial.load('request_facts');
  gharial.load('response');
  const REDIRECTS_MAXIMUM = 20;
  // For the headers of the answer; there is none for its body, which may be a stream without an end.
  const LIMIT_MS = 300_000;
  const REDIRECT_STATUSES = [301, 302, 303, 307, 308];

  const withoutFragment = (url) => {
    const index = url.indexOf('#');
    return index < 0 ? url : url.slice(0, index);
  };

  const prepare = (facts, url, content) => {
    if (host.isInit()) {
      throw new TypeError('fetch cannot be used in the init context; use it in a function');
    }
    const headers = [...facts.headers.entries()];
    if (!facts.headers.has('accept')) headers.push(['accept', '*/*']);
    return gharial.prepareHttp({
      method: facts.method,
      url,
      headers,
      redirects: facts.redirect === 'follow' ? REDIRECTS_MAXIMUM : 0,
      responseType: 'stream',
      expected: [[200, 399]],
      timeout: LIMIT_MS,
      omitsCookies: facts.credentials === 'omit',
    }, content === null ? null : [content], null);
  };

  const isRedirect = ({ status, headers }) =>
    REDIRECT_STATUSES.includes(status)
    && headers.some(([name]) => name.toLowerCase() === 'location');

  const respond = ({ answer, body }, redirect, url, onEnd) => {
    const isWrong = redirect !== 'manual' && !answer.error && isRedirect(answer);
    if (!answer.error && !isWrong) return gharial.makeResponse(answer, body, url, onEnd);
    if (body !== null && gharial.isHttpBody(body)) body.cancel();
    onEnd();
    if (answer.error) throw new TypeError(`fetch failed: ${answer.error_detail}`);
    throw new TypeError(
      redirect === 'error' ? 'fetch failed: the server redirects'
        : `fetch failed: more than ${REDIRECTS_MAXIMUM} redirects`);
  };

  // Settles with the response, or with the signal's reason if that comes first. A signal
  // ends the response's body as well.
  const exchange = (prepared, { redirect, signal }, url) =>
    new Promise((resolve, reject) => {
      let body = null;
      let cancel = null;
      const forget = signal === null ? () => {} : gharial.onAbort(signal, () => {
        const { reason } = signal;
        if (body !== null) {
          body.fail(reason);
        } else {
          cancel();
          reject(reason);
        }
      }, true);
      cancel = gharial.startHttp(prepared, (settled) => {
        const isHere = !(settled.body !== null && typeof settled.body === 'object'
          && gharial.isHttpBody(settled.body));
        try {
          const [response, made] = respond(settled, redirect, url, forget);
          body = made;
          if (isHere || made === null) forget();
          resolve(response);
        } catch (error) {
          reject(error);
        }
      });
    });

  const contentOf = async ({ body, content }) => {
    if (body !== null) return (await body.all()).buffer;
    if (content === null || typeof content === 'string' || content instanceof ArrayBuffer
      || content instanceof Uint8Array) return content;
    gharial.load('bodies');
    return (await new gharial.Body(content).all()).slice().buffer;
  };

  const fetch = async function fetch(input, init = undefined) {
    gharial.required(1, arguments.length, "'fetch'");
    const facts = gharial.requestFacts(input, init);
    const { signal } = facts;
    if (signal !== null && signal.aborted) throw signal.reason;
    const content = facts.body === null && facts.content === null ? null : await contentOf(facts);
    if (signal !== null && signal.aborted) throw signal.reason;
    const url = withoutFragment(facts.url);
    return await exchange(prepare(facts, url, content), facts, url);
  };

  gharial.define('fetch', fetch);
})
