import { Client } from 'colyseus.js';
import { asUser } from './user.js';

export default asUser(async (address, name, inbox) => {
  const room = await new Client(`ws://${address}`).joinOrCreate('chat');
  room.onMessage('text', inbox.heard);
  inbox.connected();
  return {
    reconnects: false,
    send: (text) => room.send('say', text),
    close: () => room.leave(),
  };
});
