import sockjs from 'sockjs';
import { heard, listen } from './common.mjs';

const sockets = sockjs.createServer({ log() {} });
sockets.on('connection', (socket) => {
  socket.on('data', (text) => {
    heard(text);
    socket.write(text);
  });
});
sockets.installHandlers(listen(), { prefix: '/sockjs' });
