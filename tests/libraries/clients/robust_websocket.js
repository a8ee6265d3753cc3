import WebSocket from 'robust-websocket';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const socket = new WebSocket(`ws://${address}/`);
  socket.addEventListener('open', inbox.connected);
  socket.addEventListener('message', ({ data }) => inbox.heard(data));
  return {
    send: (text) => socket.send(text),
    close: () => new Promise((resolve) => {
      socket.addEventListener('close', resolve);
      socket.close();
    }),
  };
});
