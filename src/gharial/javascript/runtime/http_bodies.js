// Bodies over HTTP that arrive piece by piece, as `fetch` and XMLHttpRequest take them.
//
// Leaves in `gharial`: httpHead, httpData, isHttpBody. Loaded before a request whose
// responseType is 'stream' begins: its body is an ArrayBuffer if it was there with the
// headers, else one of these.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  // Those that somebody waits for.
  const awaited = new Map();
  // The others: a body that the script has forgotten is given up.
  const forgotten = new FinalizationRegistry((id) => {
    known.delete(id);
    host.httpCancel(id);
  });
  const known = new Map();
  let give;

  class HttpBody {
    #id;
    // The listener that waits for the next piece: functions chunk, end and error.
    #listener = null;
    #rest = null;
    #isEnded = false;
    #failure = '';

    constructor(id) {
      this.#id = id;
      known.set(id, new WeakRef(this));
      forgotten.register(this, id, this);
    }

    // Calls one of the listener's functions with the next piece, or with the end: at once if
    // it is here.
    next(listener) {
      if (this.#rest === null && !this.#isEnded) this.#rest = host.httpRead(this.#id) ?? null;
      if (this.#rest !== null) {
        const bytes = new Uint8Array(this.#rest);
        this.#rest = null;
        listener.chunk(bytes);
      } else if (!this.#isEnded) {
        this.#listener = listener;
        awaited.set(this.#id, this);
      } else if (this.#failure === '') {
        listener.end();
      } else {
        listener.error(new TypeError(`the body did not arrive whole: ${this.#failure}`));
      }
    }

    // Gives the rest up; nobody is told.
    cancel() {
      const wasEnded = this.#isEnded;
      this.#listener = this.#rest = null;
      this.#isEnded = true;
      this.#forget();
      if (!wasEnded) host.httpCancel(this.#id);
    }

    #forget() {
      known.delete(this.#id);
      awaited.delete(this.#id);
      forgotten.unregister(this);
    }

    #take(bytes, failure) {
      if (bytes !== null && bytes.byteLength > 0) this.#rest = bytes;
      if (failure !== null) {
        this.#isEnded = true;
        this.#failure = failure;
        this.#forget();
      }
      const listener = this.#listener;
      if (listener === null) return;
      this.#listener = null;
      awaited.delete(this.#id);
      this.next(listener);
    }

    static {
      give = (body, bytes, failure) => body.#take(bytes, failure);
      gharial.isHttpBody = (value) => #id in value;
    }
  }

  gharial.httpHead = (id, answer) => {
    gharial.settleHttp(id, answer, new HttpBody(id));
  };

  // `failure` is null before the end, and empty if there is none.
  gharial.httpData = (id, bytes, failure) => {
    const body = awaited.get(id) ?? known.get(id)?.deref();
    if (body !== undefined) give(body, bytes, failure);
  };
})
