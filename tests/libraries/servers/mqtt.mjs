import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const broker = await Aedes.createBroker();
broker.on('publish', ({ payload }, client) => client && heard(payload));
new WebSocketServer({ server: listen() }).on('connection', (socket, request) => {
  broker.handle(createWebSocketStream(socket), request);
});
