// URL and URLSearchParams; the host parses and serialises. Source: the URL standard.
(function (gharial) {
  'use strict';
  const { host, toUSVString } = gharial;
  const KEY = {};
  // The order in which the host hands out the parts of a URL.
  const PARTS = [
    'href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port',
    'pathname', 'search', 'hash',
  ];
  const SEARCH = PARTS.indexOf('search');

  const parse = (url, base) =>
    host.urlParse(toUSVString(url), base === undefined ? null : toUSVString(base));

  gharial.load('pair_iterators');
  const iterator = gharial.pairIterators('URLSearchParams');

  // Given their values where the private fields are in reach.
  let attach;
  let refresh;

  class URLSearchParams {
    // Pairs of name and value.
    #list = [];
    #url = null;

    constructor(init = '') {
      if ((typeof init === 'object' && init !== null) || typeof init === 'function') {
        const iterator = init[Symbol.iterator];
        if (iterator !== undefined && iterator !== null) {
          for (const pair of init) {
            const items = typeof pair === 'object' && pair !== null ? [...pair] : [];
            if (items.length !== 2) {
              throw new TypeError('URLSearchParams: each entry must be a name and a value');
            }
            this.#list.push(items.map(toUSVString));
          }
        } else {
          const record = new Map();
          for (const name of Reflect.ownKeys(init)) {
            if (!Object.getOwnPropertyDescriptor(init, name)?.enumerable) continue;
            record.set(toUSVString(name), toUSVString(init[name]));
          }
          this.#list = [...record];
        }
      } else {
        const text = toUSVString(init);
        this.#list = host.formParse(text.startsWith('?') ? text.slice(1) : text);
      }
    }

    #update() {
      this.#url?.(this.toString());
    }

    get size() {
      return this.#list.length;
    }

    append(name, value) {
      gharial.required(2, arguments.length, "'append' on 'URLSearchParams'");
      this.#list.push([toUSVString(name), toUSVString(value)]);
      this.#update();
    }

    delete(name, value = undefined) {
      gharial.required(1, arguments.length, "'delete' on 'URLSearchParams'");
      const wanted = toUSVString(name);
      const content = value === undefined ? undefined : toUSVString(value);
      this.#list = this.#list.filter(([other, text]) =>
        other !== wanted || (content !== undefined && text !== content));
      this.#update();
    }

    get(name) {
      gharial.required(1, arguments.length, "'get' on 'URLSearchParams'");
      const wanted = toUSVString(name);
      return this.#list.find(([other]) => other === wanted)?.[1] ?? null;
    }

    getAll(name) {
      gharial.required(1, arguments.length, "'getAll' on 'URLSearchParams'");
      const wanted = toUSVString(name);
      return this.#list.filter(([other]) => other === wanted).map(([, value]) => value);
    }

    has(name, value = undefined) {
      gharial.required(1, arguments.length, "'has' on 'URLSearchParams'");
      const wanted = toUSVString(name);
      const content = value === undefined ? undefined : toUSVString(value);
      return this.#list.some(([other, text]) =>
        other === wanted && (content === undefined || text === content));
    }

    set(name, value) {
      gharial.required(2, arguments.length, "'set' on 'URLSearchParams'");
      const wanted = toUSVString(name);
      const pair = [wanted, toUSVString(value)];
      const index = this.#list.findIndex(([other]) => other === wanted);
      if (index < 0) {
        this.#list.push(pair);
      } else {
        this.#list = this.#list.filter(
          ([other], place) => place <= index || other !== wanted);
        this.#list[index] = pair;
      }
      this.#update();
    }

    // By code units of the names, as the standard says; stable.
    sort() {
      this.#list.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
      this.#update();
    }

    forEach(callback, thisArgument = undefined) {
      if (typeof callback !== 'function') {
        throw new TypeError('forEach: the argument is not a function');
      }
      for (const [name, value] of this) callback.call(thisArgument, value, name, this);
    }

    entries() {
      return this.#iterator(([name, value]) => [name, value]);
    }

    keys() {
      return this.#iterator(([name]) => name);
    }

    values() {
      return this.#iterator(([, value]) => value);
    }

    // Looks at the list anew at each step: it may change meanwhile.
    #iterator(partOf) {
      return iterator((index) => this.#list[index], partOf);
    }

    toString() {
      return host.formSerialize(JSON.stringify(this.#list));
    }

    static {
      attach = (params, url) => {
        params.#url = url;
        return params;
      };
      refresh = (params, search) => {
        params.#list = host.formParse(search.slice(1));
      };
    }
  }

  class URL {
    #parts;
    #params = null;

    constructor(url, base = undefined) {
      if (url === KEY) {
        this.#parts = base;
        return;
      }
      gharial.required(1, arguments.length, "'URL' constructor");
      this.#parts = parse(url, base);
      if (this.#parts === null) throw new TypeError(`Invalid URL: '${url}'`);
    }

    static parse(url, base = undefined) {
      gharial.required(1, arguments.length, "'parse' on 'URL'");
      const parts = parse(url, base);
      return parts === null ? null : new URL(KEY, parts);
    }

    static canParse(url, base = undefined) {
      gharial.required(1, arguments.length, "'canParse' on 'URL'");
      return parse(url, base) !== null;
    }

    get searchParams() {
      this.#params ??= attach(
        new URLSearchParams(this.#parts[SEARCH]),
        (query) => {
          this.#parts = host.urlSet(this.#parts[0], 'search', query) ?? this.#parts;
        },
      );
      return this.#params;
    }

    toString() {
      return this.#parts[0];
    }

    toJSON() {
      return this.#parts[0];
    }

    static {
      PARTS.forEach((name, place) => {
        const { get, set } = Object.getOwnPropertyDescriptor({
          get [name]() {
            return this.#parts[place];
          },
          set [name](value) {
            const text = toUSVString(value);
            const changed = host.urlSet(this.#parts[0], name, text);
            if (changed === null) {
              // Every part but the whole keeps its value then.
              if (name === 'href') throw new TypeError(`Invalid URL: '${text}'`);
              return;
            }
            this.#parts = changed;
            if (this.#params !== null && (name === 'search' || name === 'href')) {
              refresh(this.#params, changed[SEARCH]);
            }
          },
        }, name);
        Object.defineProperty(this.prototype, name, {
          configurable: true,
          enumerable: true,
          get,
          set: name === 'origin' ? undefined : set,
        });
      });
    }
  }

  gharial.URLSearchParams = gharial.expose(URLSearchParams);
  gharial.URL = gharial.expose(URL);
  Object.defineProperty(URLSearchParams.prototype, Symbol.iterator, {
    value: URLSearchParams.prototype.entries, writable: true, configurable: true,
  });
})
