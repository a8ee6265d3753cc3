import { io } from 'socket.io-client';
import { asUser } from './user.js';

const { TRANSPORTS } = __ENV;

export default asUser((address, name, inbox) => {
  const options = TRANSPORTS ? { transports: [TRANSPORTS] } : {};
  const socket = io(`http://${address}`, { ...options, reconnectionDelayMax: 1000 });
  socket.on('connect', () => socket.emit('join', name, inbox.connected));
  socket.on('text', inbox.heard);
  return {
    send: (text) => socket.emitWithAck('say', name, text),
    close: () => new Promise((resolve) => {
      socket.once('disconnect', resolve);
      socket.disconnect();
    }),
  };
});
