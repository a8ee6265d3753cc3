import { Socket } from 'phoenix';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const socket = new Socket(`ws://${address}/socket`);
  const channel = socket.channel(`room:${name}`);
  channel.on('text', ({ text }) => inbox.heard(text));
  socket.connect();
  channel.join().receive('ok', inbox.connected);
  return {
    send: (text) => new Promise((resolve, reject) => channel
      .push('say', { text })
      .receive('ok', resolve)
      .receive('error', reject)
      .receive('timeout', reject)),
    close: () => new Promise((resolve) => {
      channel.leave().receive('ok', () => socket.disconnect(resolve));
    }),
  };
});
