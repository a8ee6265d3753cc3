import { Client } from 'rpc-websockets';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const client = new Client(`ws://${address}`, { max_reconnects: 0 });
  client.on('open', async () => {
    await client.call('join', [name]);
    await client.subscribe(name);
    inbox.connected();
  });
  client.on(name, inbox.heard);
  return {
    send: (text) => client.call('say', [name, text]),
    close: () => new Promise((resolve) => {
      client.on('close', resolve);
      client.close();
    }),
  };
});
