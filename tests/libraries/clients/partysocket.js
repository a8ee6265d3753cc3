import { PartySocket } from 'partysocket';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const socket = new PartySocket({ host: address, room: name, protocol: 'ws' });
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
