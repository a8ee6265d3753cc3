import SockJS from 'sockjs-client';
import { asUser } from './user.js';

const { TRANSPORTS } = __ENV;

export default asUser((address, name, inbox) => {
  const socket = new SockJS(`http://${address}/sockjs`, null,
    TRANSPORTS ? { transports: [TRANSPORTS] } : {});
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
