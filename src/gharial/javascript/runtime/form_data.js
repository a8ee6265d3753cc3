// FormData. Leaves in `gharial`: formEntries, isFormData, FormData. Source: XMLHttpRequest, section 4.
(function (gharial) {
  'use strict';
  gharial.load('file');
  gharial.load('pair_iterators');
  const iterator = gharial.pairIterators('FormData');
  const { toUSVString } = gharial;

  // Returns an entry: blobs become files.
  const entry = (method, name, value, filename, count) => {
    const key = toUSVString(name);
    if (!gharial.isBlob(value)) {
      if (count > 2) throw new TypeError(`FormData: ${method}() with a file name needs a Blob`);
      return [key, toUSVString(value)];
    }
    const isFile = value instanceof gharial.File;
    if (isFile && filename === undefined) return [key, value];
    const { type } = value;
    const given = filename === undefined ? 'blob' : toUSVString(filename);
    const lastModified = isFile ? value.lastModified : undefined;
    return [key, new gharial.File([value], given, { type, lastModified })];
  };

  class FormData {
    #list = [];

    constructor(form = undefined) {
      if (form !== undefined) throw new TypeError('FormData: there are no forms to take data of');
    }

    append(name, value, filename = undefined) {
      gharial.required(2, arguments.length, "'append' on 'FormData'");
      this.#list.push(entry('append', name, value, filename, arguments.length));
    }

    delete(name) {
      gharial.required(1, arguments.length, "'delete' on 'FormData'");
      const key = toUSVString(name);
      this.#list = this.#list.filter(([other]) => other !== key);
    }

    get(name) {
      gharial.required(1, arguments.length, "'get' on 'FormData'");
      const key = toUSVString(name);
      return this.#list.find(([other]) => other === key)?.[1] ?? null;
    }

    getAll(name) {
      gharial.required(1, arguments.length, "'getAll' on 'FormData'");
      const key = toUSVString(name);
      return this.#list.filter(([other]) => other === key).map(([, value]) => value);
    }

    has(name) {
      gharial.required(1, arguments.length, "'has' on 'FormData'");
      const key = toUSVString(name);
      return this.#list.some(([other]) => other === key);
    }

    set(name, value, filename = undefined) {
      gharial.required(2, arguments.length, "'set' on 'FormData'");
      const made = entry('set', name, value, filename, arguments.length);
      const first = this.#list.findIndex(([other]) => other === made[0]);
      if (first < 0) {
        this.#list.push(made);
        return;
      }
      this.#list = this.#list.filter(([other], index) => index <= first || other !== made[0]);
      this.#list[first] = made;
    }

    entries() {
      return this.#iterator((pair) => [...pair]);
    }

    keys() {
      return this.#iterator(([name]) => name);
    }

    values() {
      return this.#iterator(([, value]) => value);
    }

    forEach(callback, receiver = undefined) {
      gharial.required(1, arguments.length, "'forEach' on 'FormData'");
      for (const [name, value] of this.entries()) callback.call(receiver, value, name, this);
    }

    #iterator(partOf) {
      return iterator((index) => this.#list[index], partOf);
    }

    static {
      gharial.formEntries = (form) => form.#list;
      gharial.isFormData = (value) => #list in value;
    }
  }

  gharial.FormData = gharial.expose(FormData);
  Object.defineProperty(FormData.prototype, Symbol.iterator, {
    value: FormData.prototype.entries, writable: true, configurable: true,
  });
})
