import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const document = new Y.Doc();
  const answers = document.getMap('answers');
  answers.observe(() => inbox.heard(answers.get('text')));
  const provider = new WebsocketProvider(`ws://${address}`, name, document);
  provider.on('sync', (isSynced) => isSynced && inbox.connected());
  return {
    send: (text) => document.getMap('asked').set('text', text),
    close: () => new Promise((resolve) => {
      provider.on('status', ({ status }) => status === 'disconnected' && resolve());
      provider.destroy();
      // Who is aware of it looks every few seconds whether all others are there.
      document.destroy();
    }),
  };
});
