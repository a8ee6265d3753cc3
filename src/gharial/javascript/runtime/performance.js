// performance: the clock since this global object came to be, marks and measures.
//
// Source: High Resolution Time; User Timing, level 3.
(function (gharial) {
  'use strict';
  const nowMs = () => gharial.host.nowMs() - gharial.timeOrigin;
  const KEY = {};
  let entries = [];

  class PerformanceEntry {
    #fields;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      [, this.#fields] = made;
    }

    get name() {
      return this.#fields.name;
    }

    get entryType() {
      return this.#fields.entryType;
    }

    get startTime() {
      return this.#fields.startTime;
    }

    get duration() {
      return this.#fields.duration;
    }

    get detail() {
      return this.#fields.detail;
    }

    toJSON() {
      return { ...this.#fields };
    }
  }

  const add = (fields) => {
    const entry = new PerformanceEntry(KEY, fields);
    entries.push(entry);
    return entry;
  };

  // A time is a number, or the name of the latest mark so named.
  const timeOf = (mark) => {
    if (typeof mark === 'number') return mark;
    const entry = entries.findLast(
      (other) => other.entryType === 'mark' && other.name === `${mark}`);
    if (entry === undefined) {
      throw gharial.domException(`The mark '${mark}' does not exist.`, 'SyntaxError');
    }
    return entry.startTime;
  };

  const clear = (entryType, name) => {
    entries = entries.filter((entry) =>
      entry.entryType !== entryType || (name !== undefined && entry.name !== `${name}`));
  };

  class Performance extends gharial.EventTarget {
    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      super();
    }

    get timeOrigin() {
      return gharial.timeOrigin;
    }

    now() {
      return nowMs();
    }

    mark(name, options = {}) {
      gharial.required(1, arguments.length, "'mark' on 'Performance'");
      const { startTime = nowMs(), detail = null } = options ?? {};
      if (startTime < 0) throw new TypeError('a mark cannot begin before time zero');
      return add({ name: `${name}`, entryType: 'mark', startTime, duration: 0, detail });
    }

    measure(name, startOrOptions = undefined, endMark = undefined) {
      gharial.required(1, arguments.length, "'measure' on 'Performance'");
      let given = { start: startOrOptions, end: endMark };
      if (typeof startOrOptions === 'object' && startOrOptions !== null) {
        if (endMark !== undefined) {
          throw new TypeError('measure: options and an end mark cannot be used together');
        }
        given = startOrOptions;
      }
      const { start, end, duration, detail = null } = given;
      let endTime = nowMs();
      if (end !== undefined) endTime = timeOf(end);
      else if (start !== undefined && duration !== undefined) {
        endTime = timeOf(start) + duration;
      }
      let startTime = 0;
      if (start !== undefined) startTime = timeOf(start);
      else if (duration !== undefined) startTime = endTime - duration;
      return add({
        name: `${name}`, entryType: 'measure', startTime,
        duration: endTime - startTime, detail,
      });
    }

    clearMarks(name = undefined) {
      clear('mark', name);
    }

    clearMeasures(name = undefined) {
      clear('measure', name);
    }

    getEntries() {
      return entries.toSorted((one, other) => one.startTime - other.startTime);
    }

    getEntriesByName(name, type = undefined) {
      return this.getEntries().filter((entry) =>
        entry.name === `${name}` && (type === undefined || entry.entryType === type));
    }

    getEntriesByType(type) {
      return this.getEntries().filter((entry) => entry.entryType === type);
    }

    toJSON() {
      return { timeOrigin: gharial.timeOrigin };
    }
  }

  gharial.expose(PerformanceEntry, false);
  gharial.expose(Performance, false);
  gharial.define('performance', new Performance(KEY));
})
