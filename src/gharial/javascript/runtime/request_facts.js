// What a request is to be, as `fetch` and Request take it.
//
// Leaves in `gharial`: requestFacts. Source: the Fetch standard, section 5.4 (the constructor
// of Request). What is about pages (mode, referrer and so on) is kept, and changes nothing.
(function (gharial) {
  'use strict';
  gharial.load('headers');
  gharial.load('request_bodies');
  gharial.load('url');

  const CHOICES = {
    redirect: ['follow', 'error', 'manual'],
    mode: ['cors', 'no-cors', 'same-origin'],
    credentials: ['same-origin', 'include', 'omit'],
    cache: ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'],
    referrerPolicy: ['', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin',
      'strict-origin', 'origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url'],
  };

  const methodOf = (given) => {
    const found = gharial.httpMethod(given);
    if (found === null || found.isForbidden) {
      throw new TypeError(`fetch: '${given}' is not a method that can be used`);
    }
    return found.method;
  };

  const chosen = (name, value) => {
    const text = `${value}`;
    if (CHOICES[name].includes(text)) return text;
    const choices = CHOICES[name].filter((each) => each !== '').map((each) => `'${each}'`);
    throw new TypeError(
      `fetch: ${name} is ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}, not '${text}'`);
  };

  const fresh = (input) => {
    const facts = {
      method: 'GET', url: new gharial.URL(`${input}`).href, headers: null, body: null, type: null,
      content: null, signal: null, referrer: 'about:client', integrity: '', keepalive: false,
      duplex: 'half',
    };
    for (const name in CHOICES) [facts[name]] = CHOICES[name];
    return facts;
  };

  // Takes a body of the init, or the one of a request that `input` is.
  const readBody = (facts, init, inherited) => {
    if (init.body === undefined || init.body === null) {
      if (inherited === null) return;
      if (inherited.isUnusable) throw new TypeError('fetch: the body of the request was read already');
      facts.body = inherited;
    } else {
      [facts.type, facts.content] = gharial.extractBody(init.body);
      if (facts.content === init.body && typeof init.body === 'object' && init.duplex === undefined) {
        throw new TypeError("fetch: a body that is a stream needs duplex: 'half'");
      }
    }
    if (facts.method === 'GET' || facts.method === 'HEAD') {
      throw new TypeError(`fetch: a request with method ${facts.method} has no body`);
    }
  };

  // Returns all that is known of a request. Its body is `content` (as extractBody returns it),
  // or the `body` of another one, or neither.
  gharial.requestFacts = (input, given = undefined) => {
    const init = given ?? {};
    if (typeof init !== 'object' && typeof init !== 'function') {
      throw new TypeError('fetch: the options are not an object');
    }
    const isRequest = typeof input === 'object' && input !== null && gharial.factsOf?.(input);
    const facts = isRequest ? { ...isRequest, type: null, content: null } : fresh(input);
    const inherited = isRequest ? isRequest.body : null;
    facts.body = null;
    for (const name in CHOICES) {
      if (init[name] !== undefined) facts[name] = chosen(name, init[name]);
    }
    if (init.method !== undefined) facts.method = methodOf(`${init.method}`);
    for (const name of ['integrity', 'referrer']) {
      if (init[name] !== undefined) facts[name] = `${init[name]}`;
    }
    if (init.keepalive !== undefined) facts.keepalive = !!init.keepalive;
    if (init.duplex !== undefined && `${init.duplex}` !== 'half') {
      throw new TypeError(`fetch: duplex is 'half', not '${init.duplex}'`);
    }
    if (init.signal !== undefined) {
      facts.signal = init.signal;
      if (init.signal !== null) {
        gharial.load('abort');
        // Throws for what is no signal.
        gharial.isAborted(init.signal);
      }
    }
    facts.headers = new gharial.Headers(init.headers ?? facts.headers ?? undefined);
    readBody(facts, init, inherited);
    if (facts.type !== null && !facts.headers.has('content-type')) {
      facts.headers.set('content-type', facts.type);
    }
    return facts;
  };
})
