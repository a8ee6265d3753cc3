// FileReader. Source: File API, section 6.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('blob');
  gharial.load('mime_types');
  gharial.load('progress_events');
  const CHUNK = 8192;
  const EMPTY = 0;
  const LOADING = 1;
  const DONE = 2;
  const { toBase64 } = Uint8Array.prototype;

  const binaryString = (bytes) => {
    let text = '';
    for (let start = 0; start < bytes.length; start += CHUNK) {
      text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
    }
    return text;
  };

  const decoded = (bytes, type, label) => {
    const wanted = [label, gharial.parseMimeType(type)?.parameters.get('charset')];
    let encoding = 'utf-8';
    for (const each of wanted) {
      const name = each === undefined ? null : host.encodingName(each);
      if (name !== null) {
        encoding = name;
        break;
      }
    }
    const [first, second, third] = bytes;
    if (first === 0xef && second === 0xbb && third === 0xbf) encoding = 'utf-8';
    else if (first === 0xfe && second === 0xff) encoding = 'utf-16be';
    else if (first === 0xff && second === 0xfe) encoding = 'utf-16le';
    return host.decode(encoding, bytes, null, true, false, false)[0];
  };

  // Calls back as a task of its own. Returns what takes that back.
  const soon = (callback) => {
    const id = host.setTimer(callback, 0, false);
    return () => host.clearTimer(id);
  };

  class FileReader extends gharial.EventTarget {
    #state = EMPTY;
    #result = null;
    #forget = null;

    get readyState() {
      return this.#state;
    }

    get result() {
      return this.#result;
    }

    // Blobs are in memory: reading one cannot fail.
    get error() {
      return this.#state === undefined ? undefined : null;
    }

    readAsArrayBuffer(blob) {
      this.#read(blob, (bytes) => bytes.slice().buffer);
    }

    readAsBinaryString(blob) {
      this.#read(blob, binaryString);
    }

    readAsText(blob, encoding = undefined) {
      const label = encoding === undefined ? undefined : `${encoding}`;
      this.#read(blob, (bytes) => decoded(bytes, blob.type, label));
    }

    readAsDataURL(blob) {
      this.#read(blob, (bytes) =>
        `data:${blob.type || 'application/octet-stream'};base64,${toBase64.call(bytes)}`);
    }

    abort() {
      if (this.#state !== LOADING) {
        this.#result = null;
        return;
      }
      this.#forget();
      this.#state = DONE;
      this.#result = null;
      this.#tell('abort', 0, 0, true);
      if (this.#state !== LOADING) this.#tell('loadend', 0, 0, true);
    }

    #read(blob, convert) {
      if (!gharial.isBlob(blob)) throw new TypeError('FileReader: the argument is not a Blob');
      if (this.#state === LOADING) {
        throw gharial.domException('FileReader: it is reading already', 'InvalidStateError');
      }
      this.#state = LOADING;
      this.#result = null;
      const bytes = gharial.blobBytes(blob);
      const size = bytes.length;
      this.#forget = soon(() => {
        // Before the listeners: one of them may abort.
        this.#forget = soon(() => this.#finish(convert(bytes), size));
        this.#tell('loadstart', 0, size);
      });
    }

    #finish(result, size) {
      this.#forget = soon(() => {
        this.#state = DONE;
        this.#result = result;
        this.#tell('load', size, size);
        if (this.#state !== LOADING) this.#tell('loadend', size, size);
      });
      if (size > 0) this.#tell('progress', size, size);
    }

    #tell(type, loaded, total, isWithinScript = false) {
      gharial.fire(this, gharial.progressEvent(type, loaded, total), isWithinScript);
    }
  }

  gharial.constants(FileReader, { EMPTY, LOADING, DONE });
  gharial.defineHandlers(
    FileReader, ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']);
  gharial.expose(FileReader);
})
