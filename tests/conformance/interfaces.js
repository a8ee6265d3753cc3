// How classes and functions look, by the rules of Web IDL; see javascript_cases.py.
const classes = {
  WebSocket, Event, EventTarget, CustomEvent, MessageEvent, CloseEvent, ErrorEvent, DOMException,
  AbortController, AbortSignal, Blob, ReadableStream, ReadableStreamDefaultReader,
  ReadableStreamDefaultController, WritableStream, WritableStreamDefaultWriter,
  WritableStreamDefaultController, TransformStream, TransformStreamDefaultController,
  CountQueuingStrategy, ByteLengthQueuingStrategy, WebSocketStream, WebSocketError, URL,
  URLSearchParams, TextEncoder, TextDecoder, Headers, Response, Request, FormData, File, FileReader,
  XMLHttpRequest, XMLHttpRequestUpload, XMLHttpRequestEventTarget, ProgressEvent, EventSource,
  PromiseRejectionEvent, ReadableStreamBYOBReader, ReadableStreamBYOBRequest,
  ReadableByteStreamController,
};
const describe = (holder, key) => Object.getOwnPropertyDescriptor(holder, key);
const flags = ({ writable, enumerable, configurable }) =>
  [writable && 'w', enumerable && 'e', configurable && 'c'].filter(Boolean).join('');
// Says what is wrong with each class that is not as `find` wants it.
const wrong = async (find) => {
  const found = [];
  for (const [name, Class] of Object.entries(classes)) {
    for (const what of await find(Class, name)) found.push(`${name}: ${what}`);
  }
  return found;
};
const members = (Class, wants) => Object.getOwnPropertyNames(Class.prototype)
  .filter((key) => key !== 'constructor')
  // As in k6, not in the standard.
  .filter((key) => Class !== Event || key !== 'toJSON')
  .map((key) => [key, describe(Class.prototype, key)])
  .filter(([, member]) => wants(member));
const isOperation = ({ value }) => typeof value === 'function';
const isAttribute = ({ get }) => get !== undefined;
const refuses = async (call) => {
  try { await call(); return false; } catch (error) { return error instanceof TypeError; }
};

//// classes are globals that are not enumerated
return await wrong((Class, name) => (flags(describe(globalThis, name)) === 'wc' ? [] : ['flags']));
//= []

//// classes have their names, and prototypes that cannot be replaced
return await wrong((Class, name) => [
  ...(Class.name === name ? [] : ['name']),
  ...(flags(describe(Class, 'prototype')) === '' ? [] : ['prototype']),
  ...(flags(describe(Class.prototype, 'constructor')) === 'wc' ? [] : ['constructor']),
]);
//= []

//// classes are not called without new
return await wrong(async (Class) => (await refuses(() => Class()) ? [] : ['called']));
//= []

//// prototypes have a tag
return await wrong((Class, name) => {
  const tag = describe(Class.prototype, Symbol.toStringTag);
  return tag?.value === name && flags(tag) === 'c' ? [] : ['tag'];
});
//= []

//// operations are enumerable, named, and no constructors
return await wrong((Class) => members(Class, isOperation).flatMap(([key, member]) => [
  ...(flags(member) === 'wec' ? [] : [`${key} flags`]),
  ...(member.value.name === key ? [] : [`${key} name`]),
  ...('prototype' in member.value ? [`${key} prototype`] : []),
]));
//= []

//// accessors are enumerable, and named get and set
return await wrong((Class) => members(Class, isAttribute).flatMap(([key, { get, set, ...member }]) => [
  ...(flags(member) === 'ec' ? [] : [`${key} flags`]),
  ...(get.name === `get ${key}` && get.length === 0 ? [] : [`${key} getter`]),
  ...(!set || (set.name === `set ${key}` && set.length === 1) ? [] : [`${key} setter`]),
]));
//= []

//// members refuse another this: by a rejection where they return promises
return await wrong(async (Class) => {
  const found = [];
  for (const [key, { get, value }] of members(Class, (one) => isOperation(one) || isAttribute(one))) {
    if (!await refuses(() => (get ?? value).call({}))) found.push(key);
  }
  return found;
});
//= []

//// constructors have the lengths of their required arguments
return Object.entries(classes).filter(([, Class]) => Class.length > 0)
  .map(([name, Class]) => `${name} ${Class.length}`);
//= ["WebSocket 1", "Event 1", "CustomEvent 1", "MessageEvent 1", "CloseEvent 1", "ErrorEvent 1", "ReadableStreamDefaultReader 1", "WritableStreamDefaultWriter 1", "CountQueuingStrategy 1", "ByteLengthQueuingStrategy 1", "WebSocketStream 1", "URL 1", "Request 1", "File 2", "ProgressEvent 1", "EventSource 1", "PromiseRejectionEvent 1", "ReadableStreamBYOBReader 1"]

//// functions of the global object are enumerable and no constructors
const names = ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask',
  'structuredClone', 'atob', 'btoa', 'fetch'];
return names.filter((name) => !describe(globalThis, name).enumerable ||
  globalThis[name].name !== name || 'prototype' in globalThis[name]);
//= []

//// attributes of the global object are enumerable, namespaces are not
return ['crypto', 'performance', 'console'].map((name) => describe(globalThis, name).enumerable);
//= [true, true, false]
