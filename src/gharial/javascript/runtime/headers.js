// Headers. Leaves in `gharial`: Headers, freezeHeaders. Source: the Fetch standard, section 5.1.
//
// No header is forbidden: scripts that test a server may set what browsers keep for themselves.
(function (gharial) {
  'use strict';
  gharial.load('http_rules');
  gharial.load('pair_iterators');
  const iterator = gharial.pairIterators('Headers');
  const isObject = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function';
  const checkedName = (name) => {
    const text = `${name}`;
    if (!gharial.isHttpToken(text)) throw new TypeError(`Headers: '${text}' is not a header name`);
    return text.toLowerCase();
  };

  const checkedValue = (given) => {
    const { value, problem } = gharial.headerValue(`${given}`);
    if (problem !== undefined) throw new TypeError(`Headers: ${problem}`);
    return value;
  };

  class Headers {
    // Pairs of lower-case name and value.
    #list = [];
    #isFrozen = false;

    constructor(init = undefined) {
      if (init === undefined) return;
      if (!isObject(init)) throw new TypeError('Headers: the argument is not an object');
      if (typeof init[Symbol.iterator] === 'function') {
        for (const pair of init) {
          const items = isObject(pair) ? [...pair] : [];
          if (items.length !== 2) {
            throw new TypeError('Headers: each entry must be a name and a value');
          }
          this.append(...items);
        }
      } else {
        for (const name of Object.keys(init)) this.append(name, init[name]);
      }
    }

    append(name, value) {
      gharial.required(2, arguments.length, "'append' on 'Headers'");
      this.#check();
      this.#list.push([checkedName(name), checkedValue(value)]);
    }

    delete(name) {
      gharial.required(1, arguments.length, "'delete' on 'Headers'");
      this.#check();
      const wanted = checkedName(name);
      this.#list = this.#list.filter(([other]) => other !== wanted);
    }

    get(name) {
      gharial.required(1, arguments.length, "'get' on 'Headers'");
      const wanted = checkedName(name);
      const found = this.#list.filter(([other]) => other === wanted);
      return found.length === 0 ? null : found.map(([, value]) => value).join(', ');
    }

    getSetCookie() {
      return this.#list.filter(([name]) => name === 'set-cookie').map(([, value]) => value);
    }

    has(name) {
      gharial.required(1, arguments.length, "'has' on 'Headers'");
      const wanted = checkedName(name);
      return this.#list.some(([other]) => other === wanted);
    }

    set(name, value) {
      gharial.required(2, arguments.length, "'set' on 'Headers'");
      this.#check();
      const pair = [checkedName(name), checkedValue(value)];
      const first = this.#list.findIndex(([other]) => other === pair[0]);
      if (first < 0) {
        this.#list.push(pair);
        return;
      }
      this.#list = this.#list.filter(([other], index) => index <= first || other !== pair[0]);
      this.#list[first] = pair;
    }

    entries() {
      return this.#iterator((pair) => pair);
    }

    keys() {
      return this.#iterator(([name]) => name);
    }

    values() {
      return this.#iterator(([, value]) => value);
    }

    #check() {
      if (this.#isFrozen) throw new TypeError('the headers of this response cannot be changed');
    }

    // Looks at the list anew at each step: it may change meanwhile.
    #iterator(partOf) {
      return iterator((index) => this.#sorted()[index], partOf);
    }

    #sorted() {
      const names = [...new Set(this.#list.map(([name]) => name))].sort();
      return names.flatMap((name) => (name === 'set-cookie'
        ? this.getSetCookie().map((value) => [name, value]) : [[name, this.get(name)]]));
    }

    forEach(callback, receiver = undefined) {
      gharial.required(1, arguments.length, "'forEach' on 'Headers'");
      for (const [name, value] of this.entries()) callback.call(receiver, value, name, this);
    }

    static {
      // Returns the headers, which a script cannot change from now on.
      gharial.freezeHeaders = (headers) => {
        headers.#isFrozen = true;
        return headers;
      };
    }
  }

  gharial.Headers = gharial.expose(Headers);
  Object.defineProperty(Headers.prototype, Symbol.iterator, {
    value: Headers.prototype.entries, writable: true, configurable: true,
  });
})
