// Request. Leaves in `gharial`: factsOf. Source: the Fetch standard, section 5.4.
(function (gharial) {
  'use strict';
  gharial.load('request_facts');
  gharial.load('bodies');
  const INTERNAL = {};

  class Request {
    #facts;
    #signal = null;

    constructor(input, init = undefined) {
      if (input === INTERNAL) {
        this.#facts = init;
        return;
      }
      gharial.required(1, arguments.length, "'Request' constructor");
      const facts = (this.#facts = gharial.requestFacts(input, init));
      if (facts.body !== null) facts.body = facts.body.taken();
      else if (facts.content !== null) facts.body = new gharial.Body(facts.content);
      facts.content = null;
    }

    get method() {
      return this.#facts.method;
    }

    get url() {
      return this.#facts.url;
    }

    get headers() {
      return this.#facts.headers;
    }

    get destination() {
      return this.#always('');
    }

    get referrer() {
      return this.#facts.referrer;
    }

    get referrerPolicy() {
      return this.#facts.referrerPolicy;
    }

    get mode() {
      return this.#facts.mode;
    }

    get credentials() {
      return this.#facts.credentials;
    }

    get cache() {
      return this.#facts.cache;
    }

    get redirect() {
      return this.#facts.redirect;
    }

    get integrity() {
      return this.#facts.integrity;
    }

    get keepalive() {
      return this.#facts.keepalive;
    }

    get isReloadNavigation() {
      return this.#always(false);
    }

    get isHistoryNavigation() {
      return this.#always(false);
    }

    get duplex() {
      return this.#always('half');
    }

    // A signal of its own, which follows the one that was given.
    get signal() {
      gharial.load('abort');
      const { signal } = this.#facts;
      this.#signal ??= signal === null
        ? new gharial.AbortController().signal : gharial.followSignal(signal);
      return this.#signal;
    }

    clone() {
      const facts = this.#facts;
      return new Request(INTERNAL, {
        ...facts, headers: new gharial.Headers(facts.headers), body: facts.body?.clone() ?? null,
      });
    }

    // Any request is one to have this.
    #always(value) {
      return value;
    }

    static {
      // Returns what a request is to be; undefined for what is no Request.
      gharial.factsOf = (value) => (#facts in value ? value.#facts : undefined);
    }
  }

  gharial.defineBody(Request, (request) => gharial.factsOf(request).body, (request) => {
    const type = gharial.factsOf(request).headers.get('content-type');
    return type === null ? [] : [type];
  });
  gharial.expose(Request);
})
