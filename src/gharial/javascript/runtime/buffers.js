// What Web IDL calls a buffer source: an ArrayBuffer, a typed array or a DataView.
//
// Leaves in `gharial`: bytesOf. Source: Web IDL, sections 3.2.25 and 3.2.26.
(function (gharial) {
  'use strict';

  const isShared = (buffer) => buffer instanceof SharedArrayBuffer;

  // Returns a view of the bytes of a buffer source, none of a detached one; undefined for
  // anything else. Memory that is shared, or may grow, is refused as in browsers.
  gharial.bytesOf = (source, allowsShared = false) => {
    const isView = ArrayBuffer.isView(source);
    if (!isView && !(source instanceof ArrayBuffer) && !isShared(source)) return undefined;
    const buffer = isView ? source.buffer : source;
    if (isShared(buffer) && !allowsShared) {
      throw new TypeError('the memory must not be that of a SharedArrayBuffer');
    }
    if (buffer.resizable || buffer.growable) {
      throw new TypeError('the memory must not be that of a resizable buffer; copy it: slice()');
    }
    if (buffer.detached) return new Uint8Array();
    return isView
      ? new Uint8Array(buffer, source.byteOffset, source.byteLength) : new Uint8Array(buffer);
  };
})
