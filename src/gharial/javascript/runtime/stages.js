// What a script's stages need beside its iterations: most virtual users run none of them.
//
// Leaves in `gharial`: describeExports, setArguments, callForResult, callUntilSettled.
(function (gharial) {
  'use strict';
  const { callExport, exportNamed } = gharial;

  // JSON writes null for these, which would say nothing instead of something wrong.
  const withoutNonFinite = (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

  gharial.describeExports = () => {
    const names = Object.keys(gharial.exported);
    const options = exportNamed('options') ?? {};
    return JSON.stringify({
      functions: names.filter((name) => typeof exportNamed(name) === 'function'),
      kindOfOptions: Array.isArray(options) ? 'array' : typeof options,
      options,
    }, withoutNonFinite);
  };

  gharial.setArguments = (json) => {
    gharial.argumentsOfCalls.splice(0, Infinity, ...JSON.parse(json));
  };

  // Bytes among the texts of handleSummary: JSON has none, so each is a character.
  const bytesAsText = (value) => {
    if (!(value instanceof ArrayBuffer || ArrayBuffer.isView(value))) return value ?? null;
    const bytes = value instanceof ArrayBuffer
      ? new Uint8Array(value)
      : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { bytes: Array.from(bytes, (byte) => String.fromCharCode(byte)).join('') };
  };

  const textsOf = (value) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([target, text]) => [target, bytesAsText(text)]));
  };

  // Hands on what the function, or the promise that it returns, gives; as JSON.
  gharial.callForResult = (name, hasArguments, deliver) => {
    Promise.resolve(callExport(name, hasArguments)).then((value) => {
      const text = JSON.stringify(name === 'handleSummary' ? textsOf(value) : value);
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
