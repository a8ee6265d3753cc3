// window, for scripts that ask for it: another name of self. There is no document.
(function (gharial) {
  'use strict';
  gharial.define('window', globalThis);
})
