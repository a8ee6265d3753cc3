import { WebSocket } from 'k6/websockets';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const socket = new WebSocket(`ws://${address}/`);
  socket.onopen = inbox.connected;
  socket.onmessage = ({ data }) => inbox.heard(data);
  return {
    reconnects: false,
    send: (text) => socket.send(text),
    close: () => new Promise((resolve) => {
      socket.onclose = resolve;
      socket.close();
    }),
  };
});
