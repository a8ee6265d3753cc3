// Classes that k6 lets scripts call without `new`, as its own are no classes. Loaded at the
// start, but only for scripts that may do so.
//
// Leaves in `gharial`: callable.
(function (gharial) {
  'use strict';
  const handler = { apply: (Class, receiver, given) => new Class(...given) };

  // Returns a class that makes an object whether or not it is called with `new`.
  gharial.callable = (Class) => new Proxy(Class, handler);
})
