// localStorage and sessionStorage: in memory, a virtual user's own, over all its iterations.
//
// Source: HTML, section 12.2.1 (the Storage interface); Web IDL for its named properties.
(function (gharial) {
  'use strict';
  const KEY = {};
  // In code units of keys and values, as browsers count.
  const QUOTA = 5 * 1024 * 1024;
  // Scripts have a proxy each, whose own properties are the entries.
  const states = new WeakMap();

  const stateOf = (storage) => {
    const state = states.get(storage);
    if (state === undefined) throw new TypeError('Illegal invocation');
    return state;
  };

  const store = (state, name, text) => {
    const former = state.entries.get(name);
    const added = text.length - (former === undefined ? -name.length : former.length);
    if (state.size + added > QUOTA) {
      throw gharial.domException(
        `A storage holds at most ${QUOTA} characters of keys and values.`, 'QuotaExceededError');
    }
    state.entries.set(name, text);
    state.size += added;
  };

  const remove = (state, name) => {
    const former = state.entries.get(name);
    if (former === undefined) return;
    state.entries.delete(name);
    state.size -= name.length + former.length;
  };

  class Storage {
    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
    }

    get length() {
      return stateOf(this).entries.size;
    }

    key(index) {
      const { entries } = stateOf(this);
      gharial.required(1, arguments.length, "'key' on 'Storage'");
      return [...entries.keys()][index >>> 0] ?? null;
    }

    getItem(key) {
      const { entries } = stateOf(this);
      gharial.required(1, arguments.length, "'getItem' on 'Storage'");
      return entries.get(`${key}`) ?? null;
    }

    setItem(key, value) {
      const state = stateOf(this);
      gharial.required(2, arguments.length, "'setItem' on 'Storage'");
      store(state, `${key}`, `${value}`);
    }

    removeItem(key) {
      const state = stateOf(this);
      gharial.required(1, arguments.length, "'removeItem' on 'Storage'");
      remove(state, `${key}`);
    }

    clear() {
      const state = stateOf(this);
      state.entries.clear();
      state.size = 0;
    }
  }

  gharial.expose(Storage);

  const make = () => {
    const state = { entries: new Map(), size: 0 };
    const { entries } = state;
    // What the class itself has hides entries of the same name.
    const isEntry = (key) =>
      typeof key === 'string' && entries.has(key) && !(key in Storage.prototype);
    const storage = new Proxy(new Storage(KEY), {
      get(target, key, receiver) {
        return isEntry(key) ? entries.get(key) : Reflect.get(target, key, receiver);
      },
      set(target, key, value) {
        if (typeof key === 'symbol') return Reflect.set(target, key, value);
        store(state, key, `${value}`);
        return true;
      },
      has(target, key) {
        return isEntry(key) || Reflect.has(target, key);
      },
      deleteProperty(target, key) {
        if (typeof key === 'symbol') return Reflect.deleteProperty(target, key);
        remove(state, key);
        return true;
      },
      ownKeys(target) {
        return [...[...entries.keys()].filter(isEntry), ...Reflect.ownKeys(target)];
      },
      getOwnPropertyDescriptor(target, key) {
        if (!isEntry(key)) return Reflect.getOwnPropertyDescriptor(target, key);
        return { value: entries.get(key), writable: true, enumerable: true, configurable: true };
      },
      defineProperty(target, key, descriptor) {
        if (typeof key === 'symbol') return Reflect.defineProperty(target, key, descriptor);
        if (!('value' in descriptor)) return false;
        store(state, key, `${descriptor.value}`);
        return true;
      },
      preventExtensions() {
        return false;
      },
    });
    states.set(storage, state);
    return storage;
  };

  gharial.define('localStorage', make());
  gharial.define('sessionStorage', make());
})
