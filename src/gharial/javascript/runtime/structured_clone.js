// structuredClone. Leaves in `gharial`: cloneWithTransfer. Source: HTML, sections 2.7.3 to 2.7.6 and 2.7.9.
(function (gharial) {
  'use strict';
  const ERROR_CLASSES = {
    EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, Error,
  };
  const VIEW_CLASSES = {
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array,
    Uint32Array, BigInt64Array, BigUint64Array, Float16Array, Float32Array, Float64Array,
  };
  const NOT_CLONEABLE = [Promise, WeakMap, WeakSet, WeakRef, FinalizationRegistry];
  const viewName = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

  const fail = (what) => {
    throw gharial.domException(`${what} could not be cloned.`, 'DataCloneError');
  };

  // Whether a class's own method or getter accepts the value: not to be faked.
  const isBranded = (Class, member, value) => {
    if (!(value instanceof Class)) return false;
    const { get, value: method } = Object.getOwnPropertyDescriptor(Class.prototype, member);
    try {
      (get ?? method).call(value);
      return true;
    } catch {
      return false;
    }
  };

  const isPlatformObject = (value) => {
    const names = [
      'EventTarget', 'Event', 'URL', 'URLSearchParams', 'AbortController', 'ReadableStream',
      'WritableStream', 'TransformStream',
    ];
    return names.some((name) =>
      gharial[name] !== undefined && value instanceof gharial[name]);
  };

  const cloneBuffer = (buffer) => {
    if (buffer.detached) fail('A detached ArrayBuffer');
    if (!buffer.resizable) return buffer.slice(0);
    const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
    new Uint8Array(copy).set(new Uint8Array(buffer));
    return copy;
  };

  const cloneView = (view, memory) => {
    const buffer = clone(view.buffer, memory);
    const name = viewName.call(view);
    if (name === undefined) return new DataView(buffer, view.byteOffset, view.byteLength);
    return new VIEW_CLASSES[name](buffer, view.byteOffset, view.length);
  };

  const cloneError = (error, memory) => {
    const name = `${error.name}`;
    const Class = ERROR_CLASSES[Object.hasOwn(ERROR_CLASSES, name) ? name : 'Error'];
    const own = Object.getOwnPropertyDescriptor(error, 'message');
    const hasMessage = own !== undefined && 'value' in own;
    const copy = hasMessage ? new Class(`${own.value}`) : new Class();
    memory.set(error, copy);
    Object.defineProperty(copy, 'stack', {
      value: `${error.stack}`, writable: true, configurable: true, enumerable: false,
    });
    if (Object.hasOwn(error, 'cause')) {
      Object.defineProperty(copy, 'cause', {
        value: clone(error.cause, memory),
        writable: true, configurable: true, enumerable: false,
      });
    }
    return copy;
  };

  // Returns a clone of what is no container; undefined for a container.
  const cloneLeaf = (value, memory) => {
    if (isBranded(Date, 'getTime', value)) return new Date(value.getTime());
    if (isBranded(RegExp, 'flags', value) && Object.hasOwn(value, 'lastIndex')) {
      return new RegExp(value.source, value.flags);
    }
    if (isBranded(ArrayBuffer, 'byteLength', value)) return cloneBuffer(value);
    if (ArrayBuffer.isView(value)) return cloneView(value, memory);
    if (isBranded(Boolean, 'valueOf', value) || isBranded(Number, 'valueOf', value) ||
        isBranded(String, 'valueOf', value) || isBranded(BigInt, 'valueOf', value)) {
      return Object(value.valueOf());
    }
    if (gharial.isBlob?.(value)) {
      return gharial.makeBlob(gharial.blobBytes(value).slice().buffer, value.type);
    }
    if (gharial.isCryptoKey?.(value)) return gharial.copyCryptoKey(value);
    if (gharial.DOMException !== undefined && value instanceof gharial.DOMException) {
      return new gharial.DOMException(value.message, value.name);
    }
    return undefined;
  };

  const cloneMembers = (value, copy, memory) => {
    for (const key of Object.keys(value)) {
      // A getter may have removed it meanwhile.
      if (!Object.hasOwn(value, key)) continue;
      Object.defineProperty(copy, key, {
        value: clone(value[key], memory),
        writable: true, configurable: true, enumerable: true,
      });
    }
    return copy;
  };

  const cloneContainer = (value, memory) => {
    const remember = (copy) => {
      memory.set(value, copy);
      return copy;
    };
    if (isBranded(Map, 'size', value)) {
      const copy = remember(new Map());
      for (const [key, item] of [...Map.prototype.entries.call(value)]) {
        copy.set(clone(key, memory), clone(item, memory));
      }
      return copy;
    }
    if (isBranded(Set, 'size', value)) {
      const copy = remember(new Set());
      for (const item of [...Set.prototype.values.call(value)]) {
        copy.add(clone(item, memory));
      }
      return copy;
    }
    if (Array.isArray(value)) {
      const copy = remember([]);
      copy.length = value.length;
      return cloneMembers(value, copy, memory);
    }
    return cloneMembers(value, remember({}), memory);
  };

  const clone = (value, memory) => {
    if (typeof value === 'symbol') fail('A symbol');
    if (typeof value === 'function') fail(`The function ${value.name || '(anonymous)'}`);
    if (typeof value !== 'object' || value === null) return value;
    const known = memory.get(value);
    if (known !== undefined) return known;
    const leaf = cloneLeaf(value, memory);
    if (leaf !== undefined) {
      memory.set(value, leaf);
      return leaf;
    }
    if (Error.isError(value)) return cloneError(value, memory);
    const isForbidden =
      NOT_CLONEABLE.some((Class) => value instanceof Class) || isPlatformObject(value) ||
      value instanceof SharedArrayBuffer || isBranded(Symbol, 'valueOf', value);
    if (isForbidden) fail(Object.prototype.toString.call(value));
    return cloneContainer(value, memory);
  };

  const transferred = (values) => {
    const seen = new Set();
    for (const value of values) {
      if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) {
        throw new TypeError('structuredClone: what is transferred must be an object');
      }
      const isBuffer = isBranded(ArrayBuffer, 'byteLength', value);
      if (!isBuffer && !gharial.isMessagePort?.(value)) {
        fail('A value that is neither an ArrayBuffer nor a MessagePort');
      }
      if (seen.has(value)) fail('A value that is transferred twice');
      if (isBuffer && value.detached) fail('A detached ArrayBuffer');
      seen.add(value);
    }
    return seen;
  };

  // Returns a copy of the value, and the ports among what goes along with it.
  gharial.cloneWithTransfer = (value, transfer) => {
    const moving = transferred(transfer);
    // Copied like the rest, and detached once nothing can fail any more.
    const memory = new Map();
    const followers = [];
    for (const one of moving) {
      if (one instanceof ArrayBuffer) memory.set(one, cloneBuffer(one));
      else {
        const next = gharial.followerOf(one);
        if (next === null) fail('A MessagePort that was transferred before');
        memory.set(one, next.follower);
        followers.push(next);
      }
    }
    const copy = clone(value, memory);
    for (const one of moving) if (one instanceof ArrayBuffer) one.transfer();
    for (const { move } of followers) move();
    return { copy, ports: followers.map(({ follower }) => follower) };
  };

  const { structuredClone } = {
    structuredClone(value, options = undefined) {
      gharial.required(1, arguments.length, "'structuredClone'");
      return gharial.cloneWithTransfer(value, options?.transfer ?? []).copy;
    },
  };
  gharial.define('structuredClone', structuredClone);
})
