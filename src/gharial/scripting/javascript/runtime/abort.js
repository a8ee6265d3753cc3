// AbortController and AbortSignal. Leaves in `gharial`: isAborted, onAbort.
//
// Source: DOM, section 3.
(function (gharial) {
  'use strict';
  const KEY = {};
  let abort;

  class AbortSignal extends gharial.EventTarget {
    #isAborted = false;
    #reason;
    #algorithms = [];

    constructor(key) {
      if (key !== KEY) throw new TypeError('Illegal constructor');
      super();
    }

    get aborted() {
      return this.#isAborted;
    }

    get reason() {
      return this.#reason;
    }

    throwIfAborted() {
      if (this.#isAborted) throw this.#reason;
    }

    static abort(reason = undefined) {
      const signal = new AbortSignal(KEY);
      signal.#isAborted = true;
      signal.#reason = reason === undefined ? abortError() : reason;
      return signal;
    }

    // The timer is one of the virtual user's: its iteration waits for it.
    static timeout(milliseconds) {
      gharial.required(1, arguments.length, "'timeout' on 'AbortSignal'");
      const delay = Math.trunc(Number(milliseconds));
      if (!(delay >= 0 && delay <= Number.MAX_SAFE_INTEGER)) {
        throw new TypeError('AbortSignal.timeout: the time is not a number from 0 up');
      }
      const signal = new AbortSignal(KEY);
      gharial.host.setTimer(() => {
        abort(signal, gharial.domException('The operation timed out.', 'TimeoutError'));
      }, delay, false);
      return signal;
    }

    static any(signals) {
      gharial.required(1, arguments.length, "'any' on 'AbortSignal'");
      const sources = [...signals];
      for (const source of sources) gharial.isAborted(source);
      const result = new AbortSignal(KEY);
      const aborted = sources.find((source) => source.#isAborted);
      if (aborted !== undefined) {
        result.#isAborted = true;
        result.#reason = aborted.#reason;
        return result;
      }
      for (const source of sources) {
        source.#algorithms.push(() => abort(result, source.#reason));
      }
      return result;
    }

    static {
      abort = (signal, reason) => {
        if (signal.#isAborted) return;
        signal.#isAborted = true;
        signal.#reason = reason === undefined ? abortError() : reason;
        const algorithms = signal.#algorithms;
        signal.#algorithms = [];
        for (const algorithm of algorithms) algorithm();
        gharial.fire(signal, gharial.plainEvent('abort', gharial.host.nowMs()));
      };

      // Throws for what is no signal.
      gharial.isAborted = (signal) => {
        if (typeof signal !== 'object' || signal === null || !(#isAborted in signal)) {
          throw new TypeError('the signal is not an AbortSignal');
        }
        return signal.#isAborted;
      };

      gharial.onAbort = (signal, algorithm) => {
        signal.#algorithms.push(algorithm);
      };
    }
  }

  const abortError = () =>
    gharial.domException('The operation was aborted.', 'AbortError');

  class AbortController {
    #signal = new AbortSignal(KEY);

    get signal() {
      return this.#signal;
    }

    abort(reason = undefined) {
      abort(this.#signal, reason);
    }
  }

  gharial.defineHandlers(AbortSignal, ['abort']);
  gharial.expose(AbortController);
  gharial.expose(AbortSignal);
})
