// console: what it is given becomes one line of text, and goes to the host's log.
//
// Leaves in `gharial`: console.
(function (gharial) {
  'use strict';
  const write = (level, values) => {
    let text = values[0];
    if (values.length !== 1 || typeof text !== 'string') {
      gharial.load('inspect');
      text = gharial.format(values);
    }
    gharial.host.log(level, text);
  };

  // Other methods than the five that scripts use are made when one is first asked for.
  const console = {
    __proto__: new Proxy({}, {
      get(_, name) {
        gharial.load('more_console');
        return console[name];
      },
    }),
    log(...values) {
      write('info', values);
    },
    info(...values) {
      write('info', values);
    },
    debug(...values) {
      write('debug', values);
    },
    warn(...values) {
      write('warn', values);
    },
    error(...values) {
      write('error', values);
    },
  };
  gharial.console = console;
  gharial.define('console', console);
})
