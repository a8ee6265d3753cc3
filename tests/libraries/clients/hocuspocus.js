import { HocuspocusProvider } from '@hocuspocus/provider';
import * as Y from 'yjs';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const document = new Y.Doc();
  const answers = document.getMap('answers');
  answers.observe(() => inbox.heard(answers.get('text')));
  const { promise: closed, resolve } = Promise.withResolvers();
  const provider = new HocuspocusProvider({
    url: `ws://${address}`,
    name,
    document,
    onSynced: ({ state }) => state && inbox.connected(),
    onDestroy: resolve,
  });
  return {
    send: (text) => document.getMap('asked').set('text', text),
    close() {
      provider.destroy();
      return closed;
    },
  };
});
