// The rules of Web IDL that every class of the platform follows.
//
// Leaves in `gharial`: required, toUSVString, domException.
(function (gharial) {
  'use strict';

  // Throws unless enough arguments were given; `what` reads "'send' on 'WebSocket'".
  gharial.required = (count, given, what) => {
    if (given < count) {
      throw new TypeError(
        `Failed to execute ${what}: ${count} argument${count === 1 ? '' : 's'} ` +
        `required, but only ${given} present.`,
      );
    }
  };

  // Returns the same string in one piece. The engine keeps what was put together of long
  // strings in its parts, and that is no string to the host.
  const wholeText = String;

  // Returns a string without lone surrogates: each becomes U+FFFD.
  gharial.toUSVString = (value) => {
    const text = wholeText(`${value}`);
    return text.isWellFormed() ? text : text.toWellFormed();
  };

  // Returns a new DOMException (which is loaded only when one is needed).
  gharial.domException = (message, name) => {
    gharial.load('dom_exception');
    return new gharial.DOMException(message, name);
  };
})
