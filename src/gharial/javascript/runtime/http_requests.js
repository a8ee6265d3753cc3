// What `k6/http` and `fetch` share: requests that promises stand for.
//
// Leaves in `gharial`: prepareHttp, sendHttp, settleHttp.
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

  // Returns a promise for an answer and its body, and a function that gives it up.
  gharial.sendHttp = (prepared) => {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers();
    pending.set(id, resolve);
    host.httpStart(id, prepared);
    return {
      answered: promise,
      cancel() {
        if (pending.delete(id)) host.httpCancel(id);
      },
    };
  };

  // The promise of a request that was given up is never settled.
  gharial.settleHttp = (id, answer, body) => {
    const resolve = pending.get(id);
    pending.delete(id);
    if (resolve !== undefined && answer !== null) {
      resolve({ answer: JSON.parse(answer), body });
    }
  };
})
