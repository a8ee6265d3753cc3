import { attach } from 'engine.io';
import { heard, listen } from './common.mjs';

attach(listen()).on('connection', (socket) => {
  socket.on('message', (text) => {
    heard(text);
    socket.send(text);
  });
});
