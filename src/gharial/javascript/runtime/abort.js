// AbortController and AbortSignal. Leaves in `gharial`: isAborted, onAbort, followSignal,
// AbortController.
//
// Source: DOM, section 3.
(function (gharial) {
  'use strict';
  const KEY = {};
  const { CHANGED } = gharial.eventCore;
  // Dead references to dependent signals are dropped once there are this many more.
  const PURGE_STEP = 32;
  let abort;

  class AbortSignal extends gharial.EventTarget {
    #isAborted = false;
    #reason;
    #algorithms = new Set();
    // How many of them belong to what keeps the iteration alive by itself.
    #quiet = 0;
    // The signals that this one follows (of `any`), none of which follows others itself.
    #sources = null;
    // The signals that follow this one, in the order in which they were made. Only those
    // with somebody to tell are kept alive: a script may make one for each message of a
    // signal that lives as long as its user.
    #dependents = null;
    #isHeard = false;
    #kept = null;
    // The number of its own timer, while that runs.
    #timer = null;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
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

    // The timer is one of the virtual user's: its iteration waits for it while somebody is to
    // be told.
    static timeout(milliseconds) {
      gharial.required(1, arguments.length, "'timeout' on 'AbortSignal'");
      const delay = Math.trunc(+milliseconds);
      if (!(delay >= 0 && delay <= Number.MAX_SAFE_INTEGER)) {
        throw new TypeError('AbortSignal.timeout: the time is not a number from 0 up');
      }
      const signal = new AbortSignal(KEY);
      signal.#timer = gharial.host.setTimer(() => {
        signal.#timer = null;
        const reason = gharial.domException('The operation timed out.', 'TimeoutError');
        abort(signal, reason, false);
      }, delay, false);
      gharial.host.restTimer(signal.#timer, true);
      return signal;
    }

    static any(signals) {
      gharial.required(1, arguments.length, "'any' on 'AbortSignal'");
      if (signals === null || (typeof signals !== 'object' && typeof signals !== 'function')) {
        throw new TypeError('AbortSignal.any: the argument is not a sequence of signals');
      }
      const given = [...signals];
      for (const signal of given) gharial.isAborted(signal);
      const result = new AbortSignal(KEY);
      const aborted = given.find((signal) => signal.#isAborted);
      if (aborted !== undefined) {
        result.#isAborted = true;
        result.#reason = aborted.#reason;
        return result;
      }
      result.#sources = new Set(given.flatMap((signal) =>
        signal.#sources === null ? [signal] : [...signal.#sources]));
      const reference = new WeakRef(result);
      for (const source of result.#sources) source.#follow(reference);
      return result;
    }

    [CHANGED](type, listeners) {
      if (type === 'abort') this.#isHeard = listeners !== undefined;
      this.#keepIfNeeded();
    }

    #follow(reference) {
      this.#dependents ??= { references: [], purgeAt: PURGE_STEP };
      const { references, purgeAt } = this.#dependents;
      references.push(reference);
      if (references.length < purgeAt) return;
      const live = references.filter((each) => each.deref() !== undefined);
      this.#dependents = { references: live, purgeAt: 2 * live.length + PURGE_STEP };
    }

    get #isLoud() {
      return !this.#isAborted && (this.#isHeard || this.#algorithms.size > this.#quiet);
    }

    #keepIfNeeded() {
      const isNeeded = !this.#isAborted &&
        (this.#algorithms.size > 0 || this.#isHeard);
      this.#holdTimer();
      for (const source of this.#sources ?? []) {
        if (isNeeded) (source.#kept ??= new Set()).add(this);
        else source.#kept?.delete(this);
        source.#holdTimer();
      }
    }

    #holdTimer() {
      if (this.#timer === null) return;
      const isLoud = this.#isLoud || [...this.#kept ?? []].some((each) => each.#isLoud);
      gharial.host.restTimer(this.#timer, !isLoud);
    }

    #runSteps(isWithinScript) {
      const algorithms = this.#algorithms;
      this.#algorithms = new Set();
      this.#quiet = 0;
      for (const algorithm of algorithms) algorithm();
      const event = gharial.plainEvent('abort', gharial.host.nowMs());
      gharial.fire(this, event, isWithinScript);
    }

    static {
      abort = (signal, reason, isWithinScript) => {
        if (signal.#isAborted) return;
        signal.#isAborted = true;
        signal.#reason = reason === undefined ? abortError() : reason;
        // All are aborted before anybody is told.
        const told = [];
        for (const reference of signal.#dependents?.references ?? []) {
          const dependent = reference.deref();
          if (dependent === undefined || dependent.#isAborted) continue;
          dependent.#isAborted = true;
          dependent.#reason = signal.#reason;
          told.push(dependent);
        }
        signal.#dependents = null;
        signal.#kept = null;
        signal.#runSteps(isWithinScript);
        for (const dependent of told) {
          dependent.#keepIfNeeded();
          dependent.#runSteps(isWithinScript);
        }
      };

      // Throws for what is no signal.
      gharial.isAborted = (signal) => {
        if (typeof signal !== 'object' || signal === null || !(#isAborted in signal)) {
          throw new TypeError('the signal is not an AbortSignal');
        }
        return signal.#isAborted;
      };

      // Calls a function when the signal, which is not aborted, is aborted. Returns what
      // takes it away again. A quiet one lets the iteration end before.
      gharial.onAbort = (signal, algorithm, isQuiet = false) => {
        signal.#algorithms.add(algorithm);
        if (isQuiet) signal.#quiet += 1;
        signal.#keepIfNeeded();
        return () => {
          if (signal.#algorithms.delete(algorithm) && isQuiet) signal.#quiet -= 1;
          signal.#keepIfNeeded();
        };
      };
    }
  }

  // Returns a signal that is aborted with another one.
  gharial.followSignal = (signal) => AbortSignal.any([signal]);

  const abortError = () =>
    gharial.domException('The operation was aborted.', 'AbortError');

  class AbortController {
    #signal = new AbortSignal(KEY);

    get signal() {
      return this.#signal;
    }

    abort(reason = undefined) {
      abort(this.#signal, reason, true);
    }
  }

  gharial.defineHandlers(AbortSignal, ['abort']);
  gharial.AbortController = gharial.expose(AbortController);
  gharial.expose(AbortSignal);
})
