// open(): reads a file while the script starts. Source: k6 v2.2, `js/initcontext.go`.
//
// Leaves in `gharial`: stackOf.
(function (gharial) {
  'use strict';
  // Who asks: the text that the engine makes, however a module would like it to look.
  const stackOf = () => {
    const kept = Object.getOwnPropertyDescriptors(Error);
    const settings = ['prepareStackTrace', 'stackTraceLimit'];
    try {
      Error.prepareStackTrace = undefined;
      Error.stackTraceLimit = 100;
      return `${new Error().stack}`;
    } finally {
      for (const name of settings) {
        if (name in kept) Object.defineProperty(Error, name, kept[name]);
      }
    }
  };
  gharial.stackOf = stackOf;
  gharial.define('open', function open(path, mode = '') {
    gharial.required(1, arguments.length, "'open'");
    const isBinary = `${mode}` === 'b';
    const [problem, content] = gharial.host.readFile(`${path}`, isBinary, stackOf());
    if (problem !== null) throw new Error(problem);
    return content;
  });
})
