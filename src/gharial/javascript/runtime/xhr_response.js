// What an XMLHttpRequest has received.
//
// Leaves in `gharial`: XhrResponse. Source: the XMLHttpRequest standard, section 3.6; Encoding,
// "decode".
(function (gharial) {
  'use strict';
  const { host } = gharial;
  gharial.load('mime_types');
  const HIDDEN = new Set(['set-cookie', 'set-cookie2']);
  const MARKS = [
    ['utf-8', [0xef, 0xbb, 0xbf]], ['utf-16be', [0xfe, 0xff]], ['utf-16le', [0xff, 0xfe]],
  ];

  // Text that comes in pieces of bytes.
  class Text {
    #encoding;
    #state = null;
    #isMarkPast = false;
    text = '';

    constructor(encoding) {
      this.#encoding = encoding;
    }

    append(bytes, isFinal) {
      if (!this.#isMarkPast) {
        // A byte order mark says more than a header does.
        this.#encoding = MARKS.find(([, mark]) =>
          mark.every((byte, index) => bytes[index] === byte))?.[0] ?? this.#encoding;
        this.#isMarkPast = true;
      }
      const decoded = host.decode(this.#encoding, bytes, this.#state, isFinal, false, false);
      this.text += decoded[0];
      this.#state = decoded[1];
    }
  }

  gharial.XhrResponse = class {
    // Set by the request.
    hasBody = true;
    isComplete = false;
    receivedBytes = 0;
    #answer;
    // What was not yet decoded, or all of it.
    #chunks = [];
    #text = null;
    #isTextComplete = false;
    #object;

    constructor(answer) {
      this.#answer = answer;
    }

    get url() {
      return this.#answer.url;
    }

    get status() {
      return this.#answer.status;
    }

    get statusText() {
      return this.#answer.status_text.replace(/^\d+ ?/, '');
    }

    // Returns the combined value of a header, null for none.
    header(name) {
      const wanted = name.toLowerCase();
      const values = this.#values(wanted);
      return HIDDEN.has(wanted) || values.length === 0 ? null : values.join(', ');
    }

    // Returns all headers as lines, in the order of their names.
    get headerLines() {
      const names = new Set(this.#answer.headers.map(([name]) => name.toUpperCase()));
      return [...names].sort().map((upper) => [upper.toLowerCase(), this.header(upper)])
        .filter(([, value]) => value !== null)
        .map(([name, value]) => `${name}: ${value}\r\n`).join('');
    }

    // The length of the body, if the server said so and that is what is counted here.
    get length() {
      const length = this.header('content-length');
      const isPlain = this.header('content-encoding') === null;
      return isPlain && length !== null && /^\d+$/.test(length) ? Number(length) : 0;
    }

    push(bytes) {
      this.#chunks.push(bytes);
      this.receivedBytes += bytes.length;
    }

    // Returns the text so far. All bytes are decoded once; whoever reads text reads no bytes.
    text(override) {
      if (this.#isTextComplete) return this.#text.text;
      if (!this.isComplete && this.#text === null && this.receivedBytes < 3) return '';
      this.#text ??= new Text(this.#encoding(override));
      const bytes = this.#joined();
      this.#chunks = [];
      this.#text.append(bytes, this.isComplete);
      this.#isTextComplete = this.isComplete;
      return this.#text.text;
    }

    // Returns the body of a complete response as an object, each time the same.
    object(kind, override) {
      if (this.#object === undefined) this.#object = this.#made(kind, override);
      return this.#object;
    }

    #made(kind, override) {
      const bytes = this.#joined();
      this.#chunks = [bytes];
      if (kind === 'arraybuffer') return bytes.slice().buffer;
      if (kind === 'blob') {
        gharial.load('blob');
        return gharial.makeBlob(
          bytes.slice().buffer, gharial.mimeTypeText(this.#type(override)));
      }
      try {
        return JSON.parse(host.utf8Decode(bytes));
      } catch {
        return null;
      }
    }

    #values(lowerName) {
      return this.#answer.headers
        .filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);
    }

    #type(override) {
      return override ?? gharial.mimeTypeOf(this.#values('content-type'))
        ?? gharial.parseMimeType('text/xml');
    }

    #encoding(override) {
      const own = gharial.mimeTypeOf(this.#values('content-type'));
      for (const type of [override, own]) {
        const label = type?.parameters.get('charset');
        const name = label === undefined ? null : host.encodingName(label);
        if (name !== null) return name;
      }
      return 'utf-8';
    }

    #joined() {
      if (this.#chunks.length === 1) return this.#chunks[0];
      const all = new Uint8Array(this.#chunks.reduce((size, chunk) => size + chunk.length, 0));
      let offset = 0;
      for (const chunk of this.#chunks) {
        all.set(chunk, offset);
        offset += chunk.length;
      }
      return all;
    }
  };
})
