// What `k6/http`, `fetch` and XMLHttpRequest share: requests that are under way.
//
// Leaves in `gharial`: prepareHttp, startHttp, sendHttp, settleHttp.
(function (gharial) {
  'use strict';
  const { host } = gharial;
  const pending = new Map();
  let lastId = 0;

  // Returns a request that is ready to go.
  gharial.prepareHttp = (spec, chunks, jar) => {
    const prepared = host.httpPrepare(JSON.stringify(spec), chunks, jar);
    if (typeof prepared === 'string') throw new TypeError(prepared);
    return prepared;
  };

  // Begins a request; calls back with its answer and body. Returns what gives it up, after
  // which nobody is called back, and neither when the iteration ends before.
  gharial.startHttp = (prepared, onSettled) => {
    const id = ++lastId;
    pending.set(id, onSettled);
    host.httpStart(id, prepared);
    return () => {
      if (pending.delete(id)) host.httpCancel(id);
    };
  };

  // Returns a promise for an answer and its body, and a function that gives it up: then the
  // promise is never settled.
  gharial.sendHttp = (prepared) => {
    const { promise, resolve } = Promise.withResolvers();
    return { answered: promise, cancel: gharial.startHttp(prepared, resolve) };
  };

  gharial.settleHttp = (id, answer, body) => {
    const onSettled = pending.get(id);
    pending.delete(id);
    if (onSettled !== undefined && answer !== null) {
      onSettled({ answer: JSON.parse(answer), body });
    }
  };
})
