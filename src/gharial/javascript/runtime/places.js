// Where a function of the script's was written.
//
// Leaves in `gharial`: placeOf.
(function (gharial) {
  'use strict';

  gharial.placeOf = (callback) => {
    const { name, fileName, lineNumber, columnNumber } = callback;
    return `${name || '<anonymous>'} (${fileName}:${lineNumber}:${columnNumber})`;
  };
})
