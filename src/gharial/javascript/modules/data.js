// The module `k6/data`: data that all virtual users of a process share.
//
// Leaves in `gharial`: sharedArray, which makes one of what the host has.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const frozen = (value) => {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
};

const INDEX = /^(?:0|[1-9]\d*)$/;

// How many characters go over to the host at once.
const PIECE_SIZE = 1_000_000;

const refuse = () => {
  throw new TypeError('a SharedArray cannot be changed');
};

// Elements are kept as texts on the other side and parsed anew at each access, so that no
// virtual user can change what another one sees.
const shared = (name, length) => {
  const element = (key) => frozen(JSON.parse(host.sharedElement(name, Number(key))));
  const has = (key) => typeof key === 'string' && INDEX.test(key) && Number(key) < length;
  return new Proxy([], {
    get(target, key) {
      if (has(key)) return element(key);
      return key === 'length' ? length : target[key];
    },
    has: (target, key) => has(key) || key in target,
    ownKeys: () => [...Array(length).keys()].map(String).concat('length'),
    getOwnPropertyDescriptor(target, key) {
      if (has(key)) {
        return { value: element(key), writable: false, enumerable: true, configurable: true };
      }
      const own = Object.getOwnPropertyDescriptor(target, key);
      return key === 'length' ? { ...own, value: length } : own;
    },
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
    setPrototypeOf: refuse,
    preventExtensions: refuse,
  });
};

gharial.sharedArray = shared;
class SharedArray {
  constructor(name, make) {
    if (!host.isInit()) {
      throw new Error('a SharedArray must be made in the init context, at the top of the script');
    }
    if (typeof name !== 'string' || name === '') {
      throw new TypeError('a SharedArray needs a name as its first argument');
    }
    if (typeof make !== 'function') {
      throw new TypeError('a SharedArray needs a function as its second argument');
    }
    let length = host.sharedLength(name);
    if (length < 0) {
      const made = make();
      if (!Array.isArray(made)) {
        throw new TypeError(`the function of the SharedArray "${name}" must return an array`);
      }
      // In pieces: the text of all would take as much memory again, three times over.
      const pieces = [];
      const send = () => {
        host.sharedAppend(name, JSON.stringify(pieces.splice(0)));
        size = 0;
      };
      let size = 0;
      for (const each of made) {
        const text = JSON.stringify(each) ?? 'null';
        pieces.push(text);
        size += text.length;
        if (size > PIECE_SIZE) send();
      }
      send();
      host.sharedDone(name);
      length = made.length;
    }
    return shared(name, length);
  }
}

const Made = gharial.callable?.(SharedArray) ?? SharedArray;
export { Made as SharedArray };

export default { SharedArray: Made };
