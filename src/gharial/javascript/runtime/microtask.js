// queueMicrotask. Source: HTML, section 8.6.
(function (gharial) {
  'use strict';
  const done = Promise.resolve();
  const then = Promise.prototype.then;

  const { queueMicrotask } = {
    queueMicrotask(callback) {
      if (typeof callback !== 'function') {
        throw new TypeError('queueMicrotask: the argument is not a function');
      }
      then.call(done, () => {
        try {
          callback();
        } catch (error) {
          gharial.reportException(error);
        }
      });
    },
  };
  gharial.define('queueMicrotask', queueMicrotask);
})
