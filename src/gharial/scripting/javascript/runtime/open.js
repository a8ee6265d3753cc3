// open(): reads a file while the script starts. Source: k6 v2.2, `js/initcontext.go`.
(function (gharial) {
  'use strict';
  gharial.define('open', function open(path, mode = '') {
    gharial.required(1, arguments.length, "'open'");
    const isBinary = `${mode}` === 'b';
    const [problem, content] = gharial.host.readFile(`${path}`, isBinary);
    if (problem !== null) throw new Error(problem);
    return content;
  });
})
