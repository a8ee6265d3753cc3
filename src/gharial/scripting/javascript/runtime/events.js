// Events: Event, MessageEvent, CloseEvent, EventTarget.
//
// Leaves in `gharial`: the four classes, TRUSTED, timeOrigin, fire, hasListeners,
// defineHandlers. Source: DOM, section 2; HTML, sections 8.1.8 (handlers) and 9.1.
(function (gharial) {
  'use strict';
  const required = gharial.required;

  // First argument of an event class's constructor when the platform itself makes the
  // event: `new MessageEvent(TRUSTED, type, timestampMs, data, origin)`. Nothing is
  // converted then, which halves the cost; scripts cannot get hold of the token.
  const TRUSTED = (gharial.TRUSTED = {});
  const epochNowMs = gharial.host.epochNowMs;
  const timeOriginMs = (gharial.timeOrigin = epochNowMs());

  // Bits of an event's flags.
  const STOPPED = 1;
  const STOPPED_NOW = 2;
  const CANCELED = 4;
  const PASSIVE = 8;
  const DISPATCHING = 16;
  const BUBBLES = 32;
  const CANCELABLE = 64;
  const COMPOSED = 128;
  const BY_PLATFORM = 256;

  // Given their values where the private fields that they read are in reach.
  let invoke;
  let dispatch;
  let listenersOf;
  let addListener;
  let removeListener;

  const dictionary = (value, what) => {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' && typeof value !== 'function') {
      throw new TypeError(`${what} must be an object`);
    }
    return value;
  };
  gharial.dictionary = dictionary;

  // What Web IDL takes for a dictionary in `(dictionary or boolean)`.
  const isDictionary = (value) =>
    value === undefined || value === null ||
    typeof value === 'object' || typeof value === 'function';

  // Returns false for null, which is allowed and adds nothing; throws for the rest.
  const isListenerObject = (callback, method) => {
    if (callback === null || callback === undefined) return false;
    if (typeof callback === 'function' || typeof callback === 'object') return true;
    throw new TypeError(
      `Failed to execute '${method}' on 'EventTarget': the listener is not an object.`,
    );
  };

  class Event {
    #type;
    #timestampMs;
    #flags;
    #target = null;
    #currentTarget = null;

    constructor(type, init = undefined, timestampMs) {
      if (type === TRUSTED) {
        this.#type = init;
        this.#timestampMs = timestampMs;
        this.#flags = BY_PLATFORM;
        return;
      }
      required(1, arguments.length, `'${new.target.name}' constructor`);
      this.#type = `${type}`;
      const { bubbles, cancelable, composed } = dictionary(init, 'The event init');
      this.#timestampMs = epochNowMs();
      this.#flags =
        (bubbles ? BUBBLES : 0) |
        (cancelable ? CANCELABLE : 0) |
        (composed ? COMPOSED : 0);
    }

    get type() {
      return this.#type;
    }

    get target() {
      return this.#target;
    }

    get srcElement() {
      return this.#target;
    }

    get currentTarget() {
      return this.#currentTarget;
    }

    get eventPhase() {
      return this.#currentTarget === null ? 0 : 2;
    }

    get bubbles() {
      return (this.#flags & BUBBLES) !== 0;
    }

    get cancelable() {
      return (this.#flags & CANCELABLE) !== 0;
    }

    get composed() {
      return (this.#flags & COMPOSED) !== 0;
    }

    get defaultPrevented() {
      return (this.#flags & CANCELED) !== 0;
    }

    get returnValue() {
      return (this.#flags & CANCELED) === 0;
    }

    set returnValue(value) {
      if (!value) this.preventDefault();
    }

    get cancelBubble() {
      return (this.#flags & STOPPED) !== 0;
    }

    set cancelBubble(value) {
      if (value) this.#flags |= STOPPED;
    }

    // On the prototype, not on each instance as the standard has it: cheaper to make.
    get isTrusted() {
      return (this.#flags & BY_PLATFORM) !== 0;
    }

    get timeStamp() {
      return this.#timestampMs - timeOriginMs;
    }

    // k6's: milliseconds since the Unix epoch.
    get timestamp() {
      return this.#timestampMs;
    }

    composedPath() {
      return this.#currentTarget === null ? [] : [this.#currentTarget];
    }

    stopPropagation() {
      this.#flags |= STOPPED;
    }

    stopImmediatePropagation() {
      this.#flags |= STOPPED | STOPPED_NOW;
    }

    preventDefault() {
      if ((this.#flags & (CANCELABLE | PASSIVE)) === CANCELABLE) {
        this.#flags |= CANCELED;
      }
    }

    initEvent(type, bubbles = false, cancelable = false) {
      required(1, arguments.length, "'initEvent' on 'Event'");
      if (this.#flags & DISPATCHING) return;
      this.#type = `${type}`;
      this.#target = null;
      this.#flags = (bubbles ? BUBBLES : 0) | (cancelable ? CANCELABLE : 0);
    }

    static {
      // Calls the listeners of one target. The list is never changed in place, so
      // listeners added meanwhile are not called; those removed are marked.
      invoke = (target, event, listeners) => {
        event.#target = target;
        if (listeners === undefined || event.#flags & STOPPED) {
          event.#flags &= ~(STOPPED | STOPPED_NOW);
          return;
        }
        event.#flags |= DISPATCHING;
        event.#currentTarget = target;
        for (let index = 0; index < listeners.length; index++) {
          const listener = listeners[index];
          if (listener.isRemoved) continue;
          if (
            event.#flags & STOPPED &&
            !listener.capture && index > 0 && listeners[index - 1].capture
          ) break;
          if (listener.once) removeListener(target, event.#type, listener);
          const callback = listener.callback;
          try {
            if (typeof callback === 'function') {
              if (listener.passive) event.#flags |= PASSIVE;
              const result = callback.call(target, event);
              if (result === false && listener.isHandler) event.preventDefault();
            } else if (!listener.isHandler) {
              if (listener.passive) event.#flags |= PASSIVE;
              const method = callback.handleEvent;
              if (typeof method !== 'function') {
                throw new TypeError('EventListener.handleEvent is not a function');
              }
              method.call(callback, event);
            }
          } catch (error) {
            gharial.reportException(error);
          }
          event.#flags &= ~PASSIVE;
          if (event.#flags & STOPPED_NOW) break;
        }
        event.#currentTarget = null;
        event.#flags &= ~(STOPPED | STOPPED_NOW | DISPATCHING);
      };

      dispatch = (target, event) => {
        if (event === null || typeof event !== 'object' || !(#flags in event)) {
          throw new TypeError(
            "Failed to execute 'dispatchEvent' on 'EventTarget': not an Event.",
          );
        }
        if (event.#flags & DISPATCHING) {
          throw gharial.domException(
            'The event is already being dispatched.', 'InvalidStateError',
          );
        }
        event.#flags &= ~BY_PLATFORM;
        invoke(target, event, listenersOf(target, event.#type));
        return (event.#flags & CANCELED) === 0;
      };
    }
  }

  // Listeners by type, each list in the order in which they are called.
  class EventTarget {
    #lists = null;

    addEventListener(type, callback, options = undefined) {
      if (!(#lists in this)) throw new TypeError('Illegal invocation');
      required(2, arguments.length, "'addEventListener' on 'EventTarget'");
      type = `${type}`;
      const isListener = isListenerObject(callback, 'addEventListener');
      const listener = {
        callback, capture: false, once: false, passive: false,
        isHandler: false, isRemoved: false,
      };
      let signal;
      if (isDictionary(options)) {
        if (options !== null && options !== undefined) {
          listener.capture = !!options.capture;
          listener.once = !!options.once;
          listener.passive = !!options.passive;
          signal = options.signal;
        }
      } else {
        listener.capture = !!options;
      }
      if (signal !== undefined) {
        gharial.load('abort');
        if (gharial.isAborted(signal)) return;
      }
      if (!isListener) return;
      const listeners = listenersOf(this, type);
      if (listeners !== undefined) {
        for (const other of listeners) {
          if (
            other.callback === callback && other.capture === listener.capture &&
            !other.isHandler
          ) return;
        }
      }
      addListener(this, type, listener);
      if (signal !== undefined) {
        gharial.onAbort(signal, () => removeListener(this, type, listener));
      }
    }

    removeEventListener(type, callback, options = undefined) {
      if (!(#lists in this)) throw new TypeError('Illegal invocation');
      required(2, arguments.length, "'removeEventListener' on 'EventTarget'");
      type = `${type}`;
      isListenerObject(callback, 'removeEventListener');
      const capture = isDictionary(options)
        ? !!options?.capture
        : !!options;
      for (const listener of listenersOf(this, type) ?? []) {
        if (
          listener.callback === callback && listener.capture === capture &&
          !listener.isHandler
        ) return removeListener(this, type, listener);
      }
    }

    dispatchEvent(event) {
      if (!(#lists in this)) throw new TypeError('Illegal invocation');
      required(1, arguments.length, "'dispatchEvent' on 'EventTarget'");
      return dispatch(this, event);
    }

    static {
      listenersOf = (target, type) =>
        target.#lists === null ? undefined : target.#lists[type];

      addListener = (target, type, listener) => {
        const lists = (target.#lists ??= { __proto__: null });
        const present = lists[type];
        if (present === undefined) {
          lists[type] = [listener];
        } else if (listener.capture) {
          // At the target itself, capturing listeners are called first.
          const index = present.findIndex((other) => !other.capture);
          lists[type] = present.toSpliced(
            index < 0 ? present.length : index, 0, listener,
          );
        } else {
          lists[type] = [...present, listener];
        }
      };

      removeListener = (target, type, listener) => {
        listener.isRemoved = true;
        const rest = target.#lists[type].filter((other) => other !== listener);
        if (rest.length > 0) target.#lists[type] = rest;
        else delete target.#lists[type];
      };
    }
  }

  // Adds `on<type>` attributes to a class, for each of the types. A handler keeps the
  // place among the listeners at which it was first set, until it is set to null.
  const handlerOf = (target, type) =>
    listenersOf(target, type)?.find((listener) => listener.isHandler);

  gharial.defineHandlers = (Class, types) => {
    for (const type of types) {
      Object.defineProperty(Class.prototype, `on${type}`, {
        configurable: true,
        enumerable: true,
        get() {
          return handlerOf(this, type)?.callback ?? null;
        },
        set(value) {
          const handler = handlerOf(this, type);
          const isObject =
            typeof value === 'function' || (typeof value === 'object' && value !== null);
          if (handler !== undefined) {
            if (isObject) handler.callback = value;
            else removeListener(this, type, handler);
          } else if (isObject) {
            addListener(this, type, {
              callback: value, capture: false, once: false, passive: false,
              isHandler: true, isRemoved: false,
            });
          }
        },
      });
    }
  };

  class MessageEvent extends Event {
    #data;
    #origin;
    #rest;

    constructor(type, init = undefined, timestampMs, data, origin) {
      super(type, init, timestampMs);
      if (type === TRUSTED) {
        this.#data = data;
        this.#origin = origin;
        return;
      }
      const {
        data: given = null, lastEventId = '', origin: from = '', ports = [],
        source = null,
      } = init ?? {};
      this.#data = given;
      this.#origin = gharial.toUSVString(from);
      this.#rest = { lastEventId: `${lastEventId}`, source, ports: [...ports] };
    }

    get data() {
      return this.#data;
    }

    get origin() {
      return this.#origin;
    }

    get lastEventId() {
      return this.#rest === undefined ? '' : this.#rest.lastEventId;
    }

    get source() {
      return this.#rest === undefined ? null : this.#rest.source;
    }

    get ports() {
      this.#rest ??= { lastEventId: '', source: null, ports: [] };
      return Object.freeze(this.#rest.ports);
    }
  }

  class CloseEvent extends Event {
    #wasClean;
    #code;
    #reason;

    constructor(type, init = undefined, timestampMs, wasClean, code, reason) {
      super(type, init, timestampMs);
      if (type !== TRUSTED) {
        ({ code = 0, reason = '', wasClean = false } = init ?? {});
        // An unsigned short: the number modulo 2 to the 16th.
        code = Uint16Array.of(code)[0];
        reason = gharial.toUSVString(reason);
      }
      this.#wasClean = !!wasClean;
      this.#code = code;
      this.#reason = reason;
    }

    get wasClean() {
      return this.#wasClean;
    }

    get code() {
      return this.#code;
    }

    get reason() {
      return this.#reason;
    }
  }

  gharial.constants(Event, {
    NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3,
  });
  for (const Class of [Event, EventTarget, MessageEvent, CloseEvent]) {
    gharial[Class.name] = gharial.expose(Class);
  }

  // The platform's own way to dispatch an event that it made: no checks.
  gharial.fire = (target, event) => {
    invoke(target, event, listenersOf(target, event.type));
  };
  gharial.hasListeners = (target, type) => listenersOf(target, type) !== undefined;
})
