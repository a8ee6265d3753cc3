import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

new WebSocketServer({ server: listen() }).on('connection', (socket) => {
  socket.on('message', (data) => {
    heard(data);
    socket.send(String(data));
  });
});
