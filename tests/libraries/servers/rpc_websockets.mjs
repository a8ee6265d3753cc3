import { Server } from 'rpc-websockets';
import { heard, listen } from './common.mjs';

// Each method returns something: the library's client refuses an answer without a result.
const server = new Server({ server: listen() });
server.register('join', ([name]) => {
  if (!server.eventList('/').includes(name)) server.event(name);
  return true;
});
server.register('say', ([name, text]) => {
  heard(text);
  server.emit(name, text);
  return true;
});
