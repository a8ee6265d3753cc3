// What JSON.stringify() makes of an event: what it says, as in k6, since scripts log events
// in this way.
//
// Leaves in `gharial`: eventAsJson.
(function (gharial) {
  'use strict';
  const OF_SOCKET = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType'];
  const OF_EVENT = ['data', 'origin', 'error', 'message', 'code', 'reason', 'wasClean', 'detail'];

  const some = (source, names) => {
    const found = {};
    for (const name of names) {
      if (name in source && source[name] !== undefined) found[name] = source[name];
    }
    return found;
  };

  gharial.eventAsJson = (event) => {
    const json = some(event, ['type', 'target', 'timestamp', ...OF_EVENT]);
    const isSocket = Object.prototype.toString.call(json.target) === '[object WebSocket]';
    if (isSocket) json.target = some(json.target, OF_SOCKET);
    const isBlob = Object.prototype.toString.call(json.data) === '[object Blob]';
    if (isBlob) json.data = some(json.data, ['size', 'type']);
    return json;
  };
})
