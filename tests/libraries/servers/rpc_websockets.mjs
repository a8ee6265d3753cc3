import { Server } from 'rpc-websockets';
import { heard, listen } from './common.mjs';

const server = new Server({ server: listen() });
server.register('join', ([name]) => {
  if (!server.eventList('/').includes(name)) server.event(name);
});
server.register('say', ([name, text]) => {
  heard(text);
  server.emit(name, text);
});
