// The rest of the event classes, loaded when a script asks for more than events.js has:
// Event, EventTarget, CustomEvent, MessageEvent, CloseEvent, ErrorEvent as globals.
//
// Leaves in `gharial`: dispatchFromScript, Event. Source: DOM, section 2; HTML,
// sections 8.1.4 and 9.1; for their details Web IDL.
(function (gharial) {
  'use strict';
  const { STATE, attribute, eventPrototype, messagePrototype, closePrototype } =
    gharial.eventCore;
  // From here on the prototype chain is the standard's.
  Object.setPrototypeOf(eventPrototype, Object.prototype);

  const stateOf = (event) => {
    const state = event[STATE];
    if (state === undefined) throw new TypeError('Illegal invocation');
    return state;
  };

  const ofKind = (event, kind) => {
    const state = stateOf(event);
    if (state[$EVENT_KIND] !== kind) throw new TypeError('Illegal invocation');
    return state;
  };

  // Makes a class of a prototype that exists already. `read` returns, of the second
  // argument's members, what the class itself keeps in the state.
  const define = (name, Parent, prototype, kind, read) => {
    const Class = {
      [name]: function (type, init = undefined) {
        if (new.target === undefined) {
          throw new TypeError(`Class constructor ${name} cannot be invoked without 'new'`);
        }
        gharial.required(1, arguments.length, `'${name}' constructor`);
        type = `${type}`;
        if (init !== undefined && init !== null &&
            typeof init !== 'object' && typeof init !== 'function') {
          throw new TypeError(`${name}: the second argument is not an object`);
        }
        const { bubbles, cancelable, composed } = init ?? {};
        const flags =
          (bubbles ? $BUBBLES : 0) |
          (cancelable ? $CANCELABLE : 0) |
          (composed ? $COMPOSED : 0);
        const own = read(init ?? {});
        // A subclass may have any prototype; one that is no object counts as none.
        const chosen = new.target.prototype;
        const isObject = typeof chosen === 'object' ? chosen !== null
          : typeof chosen === 'function';
        return {
          __proto__: isObject ? chosen : prototype,
          [STATE]: [kind, type, gharial.host.nowMs(), flags, null, null, ...own],
        };
      },
    }[name];
    Object.defineProperty(Class, 'prototype', { value: prototype, writable: false });
    if (Parent !== null) Object.setPrototypeOf(Class, Parent);
    Object.defineProperty(prototype, 'constructor', {
      value: Class, writable: true, configurable: true, enumerable: false,
    });
    return gharial.expose(Class);
  };

  const members = (prototype, source) => {
    for (const name of Object.getOwnPropertyNames(source)) {
      Object.defineProperty(prototype, name, {
        ...Object.getOwnPropertyDescriptor(source, name), enumerable: true,
      });
    }
  };

  const preventDefault = (state) => {
    if ((state[$EVENT_FLAGS] & ($CANCELABLE | $IN_PASSIVE_LISTENER)) === $CANCELABLE) {
      state[$EVENT_FLAGS] |= $CANCELED;
    }
  };

  const initialize = (state, type, bubbles, cancelable) => {
    type = `${type}`;
    if (state[$EVENT_FLAGS] & $DISPATCHING) return;
    state[$EVENT_TYPE] = type;
    state[$EVENT_TARGET] = null;
    state[$EVENT_FLAGS] =
      (state[$EVENT_FLAGS] & $COMPOSED) |
      (bubbles ? $BUBBLES : 0) |
      (cancelable ? $CANCELABLE : 0);
  };

  members(eventPrototype, {
    get srcElement() {
      return stateOf(this)[$EVENT_TARGET];
    },
    get currentTarget() {
      return stateOf(this)[$EVENT_CURRENT_TARGET];
    },
    get eventPhase() {
      return stateOf(this)[$EVENT_CURRENT_TARGET] === null ? 0 : 2;
    },
    get bubbles() {
      return (stateOf(this)[$EVENT_FLAGS] & $BUBBLES) !== 0;
    },
    get cancelable() {
      return (stateOf(this)[$EVENT_FLAGS] & $CANCELABLE) !== 0;
    },
    get composed() {
      return (stateOf(this)[$EVENT_FLAGS] & $COMPOSED) !== 0;
    },
    get defaultPrevented() {
      return (stateOf(this)[$EVENT_FLAGS] & $CANCELED) !== 0;
    },
    get returnValue() {
      return (stateOf(this)[$EVENT_FLAGS] & $CANCELED) === 0;
    },
    set returnValue(value) {
      if (!value) preventDefault(stateOf(this));
    },
    get cancelBubble() {
      return (stateOf(this)[$EVENT_FLAGS] & $STOPPED) !== 0;
    },
    set cancelBubble(value) {
      if (value) stateOf(this)[$EVENT_FLAGS] |= $STOPPED;
    },
    // On the prototype, not on each event as the standard has it: cheaper to make.
    get isTrusted() {
      return (stateOf(this)[$EVENT_FLAGS] & $BY_PLATFORM) !== 0;
    },
    get timeStamp() {
      return stateOf(this)[$EVENT_TIMESTAMP_MS] - gharial.timeOrigin;
    },
    composedPath() {
      const target = stateOf(this)[$EVENT_CURRENT_TARGET];
      return target === null ? [] : [target];
    },
    stopPropagation() {
      stateOf(this)[$EVENT_FLAGS] |= $STOPPED;
    },
    stopImmediatePropagation() {
      stateOf(this)[$EVENT_FLAGS] |= $STOPPED | $STOPPED_NOW;
    },
    preventDefault() {
      preventDefault(stateOf(this));
    },
    initEvent(type, bubbles = false, cancelable = false) {
      const state = stateOf(this);
      gharial.required(1, arguments.length, "'initEvent' on 'Event'");
      initialize(state, type, bubbles, cancelable);
    },
  });

  const Event = define('Event', null, eventPrototype, $KIND_PLAIN, () => []);
  gharial.constants(Event, {
    NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3,
  });
  // Not in the standard, so no loop over an event's members shows it.
  Object.defineProperty(eventPrototype, 'toJSON', {
    value: function toJSON() {
      stateOf(this);
      gharial.load('event_json');
      return gharial.eventAsJson(this);
    },
    writable: true,
    configurable: true,
  });

  gharial.Event = Event;
  gharial.expose(gharial.EventTarget);

  const customPrototype = { __proto__: eventPrototype };
  define('CustomEvent', Event, customPrototype, $KIND_CUSTOM, ({ detail = null }) => [detail]);
  attribute(customPrototype, 'detail', $EVENT_OWN, $KIND_CUSTOM);
  members(customPrototype, {
    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
      const state = stateOf(this);
      gharial.required(1, arguments.length, "'initCustomEvent' on 'CustomEvent'");
      if (state[$EVENT_FLAGS] & $DISPATCHING) return;
      initialize(state, type, bubbles, cancelable);
      state[$EVENT_OWN] = detail;
    },
  });

  // Ports are only carried along: there are no message channels here.
  define('MessageEvent', Event, messagePrototype, $KIND_MESSAGE, (init) => {
    const { data = null, lastEventId = '', origin = '', ports = [], source = null } = init;
    return [
      data, gharial.toUSVString(origin), `${lastEventId}`, source,
      Object.freeze([...ports]),
    ];
  });
  attribute(messagePrototype, 'origin', $EVENT_OWN + 1, $KIND_MESSAGE);
  members(messagePrototype, {
    get lastEventId() {
      return ofKind(this, $KIND_MESSAGE)[$EVENT_OWN + 2] ?? '';
    },
    get source() {
      return ofKind(this, $KIND_MESSAGE)[$EVENT_OWN + 3] ?? null;
    },
    get ports() {
      const state = ofKind(this, $KIND_MESSAGE);
      // An event of the platform was made with data and origin alone.
      if (state.length < $EVENT_OWN + 5) state.push('', null, Object.freeze([]));
      return state[$EVENT_OWN + 4];
    },
  });

  define('CloseEvent', Event, closePrototype, $KIND_CLOSE, (init) => {
    const { code = 0, reason = '', wasClean = false } = init;
    // An unsigned short: any number, modulo 2 to the 16th.
    return [Uint16Array.of(code)[0], gharial.toUSVString(reason), !!wasClean];
  });
  attribute(closePrototype, 'wasClean', $EVENT_OWN + 2, $KIND_CLOSE);

  const errorPrototype = { __proto__: eventPrototype };
  const ErrorEvent = define('ErrorEvent', Event, errorPrototype, $KIND_ERROR, (init) => {
    const { colno = 0, error, filename = '', lineno = 0, message = '' } = init;
    return [
      `${message}`, gharial.toUSVString(filename), lineno >>> 0, colno >>> 0, error,
    ];
  });
  ['message', 'filename', 'lineno', 'colno', 'error'].forEach((name, index) => {
    attribute(errorPrototype, name, $EVENT_OWN + index, $KIND_ERROR);
  });

  // For the classes of other files.
  Object.assign(gharial.eventCore, {
    define, members, errorEvent: (init) => new ErrorEvent('error', init),
  });

  // What `dispatchEvent` does with an event that a script has made.
  gharial.dispatchFromScript = (target, event) => {
    const state = event === null || typeof event !== 'object' ? undefined : event[STATE];
    if (state === undefined) {
      throw new TypeError("Failed to execute 'dispatchEvent': the argument is not an Event");
    }
    if (state[$EVENT_FLAGS] & $DISPATCHING) {
      throw gharial.domException(
        'The event is being dispatched already.', 'InvalidStateError',
      );
    }
    state[$EVENT_FLAGS] &= ~$BY_PLATFORM;
    gharial.fire(target, event, true);
    return (state[$EVENT_FLAGS] & $CANCELED) === 0;
  };
})
