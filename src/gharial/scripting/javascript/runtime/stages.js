// What a script's stages need beside its iterations: most virtual users run none of them.
//
// Leaves in `gharial`: describeExports, setArguments, callForResult, callUntilSettled.
(function (gharial) {
  'use strict';
  const { callExport, exportNamed } = gharial;

  gharial.describeExports = () => {
    const { exported } = gharial;
    const names = exported.__isCommonJs ? Object.keys(exported.default) : Object.keys(exported);
    const options = exportNamed('options') ?? {};
    return JSON.stringify({
      functions: names.filter((name) => typeof exportNamed(name) === 'function'),
      kindOfOptions: Array.isArray(options) ? 'array' : typeof options,
      options,
    });
  };

  gharial.setArguments = (json) => {
    gharial.argumentsOfCalls.splice(0, Infinity, ...JSON.parse(json));
  };

  // Hands on what the function, or the promise that it returns, gives; as JSON.
  gharial.callForResult = (name, hasArguments, deliver) => {
    Promise.resolve(callExport(name, hasArguments)).then((value) => {
      const text = JSON.stringify(value);
      if (text !== undefined) deliver(text);
    }).catch(gharial.reportException);
  };

  // Tells the host once the function, and the promise that it returns, has come to its end.
  gharial.callUntilSettled = (name, hasArguments) => {
    const { host } = gharial;
    const result = callExport(name, hasArguments);
    if (result instanceof Promise) {
      result.catch(gharial.reportException).then(() => host.settled());
    } else {
      host.settled();
    }
  };
})
