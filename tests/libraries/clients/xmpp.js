import { client, xml } from '@xmpp/client';
import { asUser } from './user.js';

// The library writes to the `error` of an event, which browsers do not have, and which is an
// object in Node.js: here it is k6's, a string.
globalThis.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener('error', (event) => {
      Object.defineProperty(event, 'error', { value: new Error(event.error) });
    });
  }
};

export default asUser(async (address, name, inbox) => {
  const user = client({
    service: `ws://${address}/xmpp`,
    domain: 'localhost',
    username: name,
    password: 'secret',
  });
  user.on('online', async () => {
    await user.send(xml('presence'));
    inbox.connected();
  });
  user.on('stanza', (stanza) => {
    if (stanza.is('message')) inbox.heard(stanza.getChildText('body'));
  });
  // Why it is offline for a while.
  user.on('error', () => {});
  await user.start();
  return {
    send: (text) => user.send(xml('message', { to: `${name}@localhost` }, xml('body', {}, text))),
    close: () => user.stop(),
  };
});
