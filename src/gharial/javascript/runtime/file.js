// File. Leaves in `gharial`: File. Source: File API, section 4.
(function (gharial) {
  'use strict';
  gharial.load('blob');

  class File extends gharial.Blob {
    #name;
    #lastModified;

    constructor(bits, name, options = undefined) {
      gharial.required(2, arguments.length, "'File' constructor");
      super(bits, options);
      this.#name = gharial.toUSVString(name);
      const { lastModified } = options ?? {};
      this.#lastModified = lastModified === undefined
        ? Math.floor(gharial.host.nowMs()) : Math.trunc(+lastModified) || 0;
    }

    get name() {
      return this.#name;
    }

    get lastModified() {
      return this.#lastModified;
    }
  }

  gharial.File = gharial.expose(File);
})
