import { Socket } from 'engine.io-client';
import { asUser } from './user.js';

const { TRANSPORTS } = __ENV;

export default asUser((address, name, inbox) => {
  const socket = new Socket(`ws://${address}`, TRANSPORTS ? { transports: [TRANSPORTS] } : {});
  socket.on('open', inbox.connected);
  socket.on('message', inbox.heard);
  return {
    reconnects: false,
    send: (text) => socket.send(text),
    close: () => new Promise((resolve) => {
      socket.on('close', resolve);
      socket.close();
    }),
  };
});
