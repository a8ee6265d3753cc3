// What nobody caught, as events of the global object. Loaded when somebody listens.
//
// Leaves in `gharial`: tellOfError, tellOfRejection. Source: HTML, sections 8.1.4.6 (report an
// exception) and 8.1.4.7 (unhandled promise rejections).
(function (gharial) {
  'use strict';
  gharial.load('event_classes');
  const { STATE, attribute, define, errorEvent, eventPrototype } = gharial.eventCore;
  const KIND = 'rejection';
  const PLACE = /\(?([^\s()]+):(\d+):(\d+)\)?\s*$/m;
  // While a listener runs, what it throws is reported and no event of its own.
  let isTelling = false;

  const prototype = { __proto__: eventPrototype };
  const PromiseRejectionEvent = define(
    'PromiseRejectionEvent', gharial.Event, prototype, KIND, ({ promise, reason }) => {
      if ((typeof promise !== 'object' && typeof promise !== 'function') || promise === null) {
        throw new TypeError('PromiseRejectionEvent: the promise is not an object');
      }
      return [promise, reason];
    });
  attribute(prototype, 'promise', $EVENT_OWN, KIND);
  attribute(prototype, 'reason', $EVENT_OWN + 1, KIND);

  // A limit that was broken is no error of the script's.
  const isLimit = (error) => error === null || error instanceof InternalError;

  // Returns whether a listener said that the rest need not be told.
  const tell = (make) => {
    isTelling = true;
    try {
      const event = make();
      event[STATE][$EVENT_FLAGS] |= $BY_PLATFORM;
      gharial.fire(globalThis, event, true);
      return event.defaultPrevented;
    } finally {
      isTelling = false;
    }
  };

  gharial.tellOfError = (error) => {
    if (isTelling || isLimit(error)) return false;
    const [text, stack] = gharial.describe(error);
    const [, filename = '', lineno = 0, colno = 0] = PLACE.exec(stack) ?? [];
    return tell(() => errorEvent({
      cancelable: true, message: `Uncaught ${text}`, filename, lineno, colno, error,
    }));
  };

  gharial.tellOfRejection = (reason, promise) => {
    if (isTelling || isLimit(reason)) return false;
    return tell(() => new PromiseRejectionEvent(
      'unhandledrejection', { cancelable: true, promise, reason }));
  };
})
