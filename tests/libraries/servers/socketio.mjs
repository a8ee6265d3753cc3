import { Server } from 'socket.io';
import { heard, listen } from './common.mjs';

const io = new Server(listen());
io.on('connection', (socket) => {
  socket.on('join', (name, joined) => {
    socket.join(name);
    joined();
  });
  socket.on('say', (name, text, said) => {
    heard(text);
    io.to(name).emit('text', text);
    said();
  });
});
