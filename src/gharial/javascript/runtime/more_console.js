// The methods of console that few scripts use.
//
// Source: the Console standard.
(function (gharial) {
  'use strict';
  gharial.load('inspect');
  const { console } = gharial;
  const counts = new Map();
  const timers = new Map();
  const nowMs = gharial.host.nowMs;

  const log = (level, values) => {
    gharial.host.log(level, gharial.format(values));
  };

  // A table's cells as text, each column as wide as its widest cell.
  const tableText = (data) => {
    const rows = Array.isArray(data)
      ? data.map((row, index) => [String(index), row])
      : Object.entries(data);
    const names = [];
    for (const [, row] of rows) {
      const keys = typeof row === 'object' && row !== null ? Object.keys(row) : ['Values'];
      for (const key of keys) if (!names.includes(key)) names.push(key);
    }
    const cells = rows.map(([index, row]) => [
      index,
      ...names.map((name) => {
        if (typeof row !== 'object' || row === null) {
          return name === 'Values' ? gharial.inspect(row) : '';
        }
        return name in row ? gharial.inspect(row[name]) : '';
      }),
    ]);
    cells.unshift(['(index)', ...names]);
    const widths = cells[0].map((_, column) =>
      Math.max(...cells.map((row) => row[column].length)));
    return cells
      .map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join(' | '))
      .join('\n');
  };

  const elapsed = (label) => `${label}: ${(nowMs() - timers.get(label)).toFixed(3)} ms`;

  const methods = {
    assert(condition = false, ...values) {
      if (condition) return;
      if (typeof values[0] === 'string') values[0] = `Assertion failed: ${values[0]}`;
      else values.unshift('Assertion failed');
      log('error', values);
    },
    clear() {},
    count(label = 'default') {
      counts.set(`${label}`, (counts.get(`${label}`) ?? 0) + 1);
      log('info', [`${label}: ${counts.get(`${label}`)}`]);
    },
    countReset(label = 'default') {
      counts.delete(`${label}`);
    },
    dir(value) {
      log('info', [gharial.inspect(value)]);
    },
    dirxml(...values) {
      log('info', values);
    },
    group(...values) {
      // Lines of many virtual users are mixed in one log: nothing is indented.
      if (values.length > 0) log('info', values);
    },
    groupEnd() {},
    table(data) {
      const isTable = typeof data === 'object' && data !== null;
      log('info', [isTable ? tableText(data) : data]);
    },
    time(label = 'default') {
      if (timers.has(`${label}`)) log('warn', [`Timer '${label}' already exists`]);
      else timers.set(`${label}`, nowMs());
    },
    timeLog(label = 'default', ...values) {
      if (timers.has(`${label}`)) log('info', [elapsed(`${label}`), ...values]);
      else log('warn', [`Timer '${label}' does not exist`]);
    },
    timeEnd(label = 'default') {
      methods.timeLog(label);
      timers.delete(`${label}`);
    },
    trace(...values) {
      const stack = new Error().stack.split('\n').slice(1).join('\n').trimEnd();
      log('debug', [`Trace: ${gharial.format(values)}\n${stack}`]);
    },
  };
  methods.groupCollapsed = methods.group;
  for (const name of Object.keys(methods)) {
    if (!Object.hasOwn(console, name)) console[name] = methods[name];
  }
  Object.setPrototypeOf(console, Object.prototype);
})
