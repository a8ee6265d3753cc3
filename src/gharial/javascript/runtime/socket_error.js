// The event of a socket that failed, with k6's `error` and the answer that refused it.
//
// Leaves in `gharial`: socketErrorEvent.
(function (gharial) {
  'use strict';

  gharial.socketErrorEvent = (message, status, headers, body, timestamp) => {
    const event = gharial.plainEvent('error', timestamp);
    const describe = (name, value) =>
      Object.defineProperty(event, name, { value, enumerable: true, configurable: true });
    describe('error', message);
    if (status !== null) {
      const fields = { __proto__: null };
      for (const [name, value] of headers) {
        const key = name.toLowerCase();
        fields[key] = key in fields ? `${fields[key]}, ${value}` : value;
      }
      describe('response', { status, headers: { ...fields }, body });
    }
    return event;
  };
})
