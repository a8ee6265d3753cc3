// Events as sockets need them: always loaded (after lazy.js and web_idl.js), so it holds
// no more than that.
//
// Leaves in `gharial`: EventTarget, fire, defineHandlers, plainEvent,
// closeEvent, timeOrigin, and `eventCore` for websocket.js, which makes the events of
// messages, and for event_classes.js, which has the rest of the standard (DOM, section 2;
// HTML, sections 8.1.8 and 9.1).
//
// An event is an object with one hidden property: an array of all that it knows. That
// makes it in 0.2 microseconds, where a class with private fields takes 0.9. The places in
// it, and what is there, have names with a dollar: the numbers of shared_numbers.pxi.
(function (gharial) {
  'use strict';
  const STATE = Symbol('event');
  const LISTENERS = Symbol('listeners');
  // A target's method that is told each time the listeners of a type have changed.
  const CHANGED = Symbol('changed');

  // Bits of a listener's flags; an ordinary one has none of them.
  const CAPTURE = 1;
  const ONCE = 2;
  const PASSIVE = 4;
  const HANDLER = 8;
  const REMOVED = 16;

  let runJobs;
  gharial.timeOrigin = gharial.host.nowMs();

  // Defines a getter of one place in the state. Its name is `get type`, as Web IDL wants it.
  const attribute = (prototype, name, place, kind = $KIND_PLAIN) => {
    Object.defineProperty(prototype, name, Object.getOwnPropertyDescriptor({
      get [name]() {
        const state = this[STATE];
        if (state === undefined || (kind !== $KIND_PLAIN && state[$EVENT_KIND] !== kind)) {
          throw new TypeError('Illegal invocation');
        }
        return state[place];
      },
    }, name));
  };

  // Most scripts read nothing but the few attributes below. Whatever else is asked of
  // an event reaches the end of its prototype chain, where this loads the rest.
  const complete = () => gharial.load('event_classes');
  const eventPrototype = {
    __proto__: new Proxy({}, {
      get(_, name, event) {
        complete();
        return Reflect.get(event, name);
      },
      set(_, name, value, event) {
        complete();
        return Reflect.set(event, name, value);
      },
      has(_, name) {
        complete();
        return name in messagePrototype || name in closePrototype;
      },
    }),
  };
  const messagePrototype = { __proto__: eventPrototype };
  const closePrototype = { __proto__: eventPrototype };
  attribute(eventPrototype, 'type', $EVENT_TYPE);
  attribute(eventPrototype, 'target', $EVENT_TARGET);
  attribute(eventPrototype, 'timestamp', $EVENT_TIMESTAMP_MS);
  attribute(messagePrototype, 'data', $EVENT_OWN, $KIND_MESSAGE);
  // Events of messages may be the host's: it makes their array when it is asked for, and
  // reads the attributes that most scripts want of its own memory.
  gharial.readHostEvents = (eventGetter) => {
    const hosts = (name, prototype, which) => {
      const read = Object.getOwnPropertyDescriptor(prototype, name)?.get;
      const get = eventGetter(read, which);
      if (read) Object.defineProperty(get, 'name', { value: read.name, configurable: true });
      Object.defineProperty(messagePrototype, name, {
        configurable: true, enumerable: typeof name === 'string', get,
      });
    };
    hosts('data', messagePrototype, $GETS_DATA);
    hosts('timestamp', eventPrototype, $GETS_TIMESTAMP);
    hosts(STATE, {}, $GETS_STATE);
  };
  attribute(closePrototype, 'code', $EVENT_OWN, $KIND_CLOSE);
  attribute(closePrototype, 'reason', $EVENT_OWN + 1, $KIND_CLOSE);

  gharial.plainEvent = (type, timestampMs) => ({
    __proto__: eventPrototype,
    [STATE]: [$KIND_PLAIN, type, timestampMs, $BY_PLATFORM, null, null],
  });

  gharial.closeEvent = (timestampMs, code, reason, wasClean) => ({
    __proto__: closePrototype,
    [STATE]: [
      $KIND_CLOSE, 'close', timestampMs, $BY_PLATFORM, null, null, code, reason, wasClean,
    ],
  });

  // Lists of listeners are never changed in place: those added while an event is being
  // dispatched are not called for it, those removed are marked.
  const addListener = (target, type, callback, flags) => {
    const lists = (target[LISTENERS] ??= { __proto__: null });
    const present = lists[type] ?? [];
    const listener = { callback, flags };
    // At the target itself, capturing listeners are called before the others.
    const index = flags & CAPTURE
      ? present.findIndex((other) => !(other.flags & CAPTURE))
      : -1;
    lists[type] = index < 0
      ? [...present, listener]
      : present.toSpliced(index, 0, listener);
    target[CHANGED]?.(type, lists[type]);
    return listener;
  };

  const removeListener = (target, type, listener) => {
    if (listener === undefined || listener.flags & REMOVED) return;
    listener.flags |= REMOVED;
    listener.forget?.();
    const rest = target[LISTENERS][type].filter((other) => other !== listener);
    target[LISTENERS][type] = rest.length > 0 ? rest : undefined;
    target[CHANGED]?.(type, target[LISTENERS][type]);
  };

  // Finds by the bits that tell listeners apart.
  const findListener = (target, type, callback, capture) =>
    target[LISTENERS]?.[type]?.find((listener) =>
      listener.callback === callback &&
      (listener.flags & (CAPTURE | HANDLER)) === capture);

  const findHandler = (target, type) =>
    target[LISTENERS]?.[type]?.find((listener) => listener.flags & HANDLER);

  // Dispatches an event; nothing is checked. Microtasks run after each listener, before the
  // next one, unless a running script has asked for it (HTML, "clean up after running
  // script").
  const invoke = (target, event, isWithinScript = false) => {
    const state = event[STATE];
    state[$EVENT_TARGET] = target;
    const listeners = target[LISTENERS]?.[state[$EVENT_TYPE]];
    if (listeners !== undefined && !(state[$EVENT_FLAGS] & $STOPPED)) {
      state[$EVENT_FLAGS] |= $DISPATCHING;
      state[$EVENT_CURRENT_TARGET] = target;
      let capture = CAPTURE;
      for (let index = 0; index < listeners.length; index++) {
        const listener = listeners[index];
        const { callback, flags } = listener;
        if (flags & REMOVED) continue;
        if (capture && !(flags & CAPTURE)) {
          if (state[$EVENT_FLAGS] & $STOPPED) break;
          capture = 0;
        }
        if (flags & ONCE) removeListener(target, state[$EVENT_TYPE], listener);
        if (flags & PASSIVE) state[$EVENT_FLAGS] |= $IN_PASSIVE_LISTENER;
        try {
          if (typeof callback === 'function') {
            const result = callback.call(target, event);
            if (result === false && flags & HANDLER && state[$EVENT_FLAGS] & $CANCELABLE) {
              state[$EVENT_FLAGS] |= $CANCELED;
            }
          } else if (!(flags & HANDLER)) {
            callback.handleEvent(event);
          }
        } catch (error) {
          gharial.reportException(error);
        }
        if (!isWithinScript) (runJobs ??= gharial.host.runJobs)();
        state[$EVENT_FLAGS] &= ~$IN_PASSIVE_LISTENER;
        if (state[$EVENT_FLAGS] & $STOPPED_NOW) break;
      }
      state[$EVENT_CURRENT_TARGET] = null;
    }
    state[$EVENT_FLAGS] &= ~($STOPPED | $STOPPED_NOW | $DISPATCHING);
  };

  // Checks what the two methods about listeners have in common; returns the capture bit
  // (an options argument that is not an object is the capture flag itself).
  const checked = (target, count, method, callback, options) => {
    if (!(LISTENERS in target)) throw new TypeError('Illegal invocation');
    gharial.required(2, count, `'${method}' on 'EventTarget'`);
    if (typeof callback !== 'function' && typeof callback !== 'object' &&
        callback !== undefined) {
      throw new TypeError(`${method}: the listener is not a function or an object`);
    }
    const isObject = typeof options === 'object' || typeof options === 'function';
    return (isObject ? options?.capture : options) ? CAPTURE : 0;
  };

  class EventTarget {
    constructor() {
      this[LISTENERS] = null;
    }

    addEventListener(type, callback, options = undefined) {
      type = `${type}`;
      let flags = checked(this, arguments.length, 'addEventListener', callback, options);
      let signal;
      if (options && typeof options !== 'boolean') {
        if (options.once) flags |= ONCE;
        if (options.passive) flags |= PASSIVE;
        signal = options.signal;
        if (signal !== undefined) {
          gharial.load('abort');
          if (gharial.isAborted(signal)) return;
        }
      }
      if (callback === null || callback === undefined) return;
      if (findListener(this, type, callback, flags & CAPTURE)) return;
      const listener = addListener(this, type, callback, flags);
      if (signal !== undefined) {
        listener.forget = gharial.onAbort(
          signal, () => removeListener(this, type, listener), true);
      }
    }

    removeEventListener(type, callback, options = undefined) {
      type = `${type}`;
      const capture = checked(
        this, arguments.length, 'removeEventListener', callback, options,
      );
      removeListener(this, type, findListener(this, type, callback, capture));
    }

    dispatchEvent(event) {
      if (!(LISTENERS in this)) throw new TypeError('Illegal invocation');
      gharial.required(1, arguments.length, "'dispatchEvent' on 'EventTarget'");
      complete();
      return gharial.dispatchFromScript(this, event);
    }
  }

  // Returns what handles this type; given a value, sets it. A handler keeps the place among
  // the listeners at which it was first set, until it is set to null.
  const handle = function (target, type, value) {
    if (!(LISTENERS in target)) throw new TypeError('Illegal invocation');
    const handler = findHandler(target, type);
    if (arguments.length === 2) return handler?.callback ?? null;
    if (typeof value !== 'function' && typeof value !== 'object') value = null;
    if (value === null) removeListener(target, type, handler);
    else if (handler === undefined) addListener(target, type, value, HANDLER);
    else {
      handler.callback = value;
      target[CHANGED]?.(type, target[LISTENERS][type]);
    }
  };

  // Gives a class the attributes `on<type>`.
  gharial.defineHandlers = (Class, types) => {
    for (const type of types) {
      const name = `on${type}`;
      Object.defineProperty(Class.prototype, name, Object.getOwnPropertyDescriptor({
        get [name]() { return handle(this, type); },
        set [name](value) { handle(this, type, value); },
      }, name));
    }
  };

  gharial.fire = invoke;
  gharial.EventTarget = EventTarget;
  // The only listener, if all that there is to do is to call it; null if there is more.
  const only = (listeners) => {
    const [{ callback, flags }] = listeners;
    const isPlain = listeners.length === 1 && !(flags & ~HANDLER) && typeof callback === 'function';
    return isPlain ? callback : null;
  };
  gharial.messagePrototype = messagePrototype;
  gharial.eventCore = {
    STATE, CHANGED, only, attribute, eventPrototype, messagePrototype, closePrototype,
  };
})
