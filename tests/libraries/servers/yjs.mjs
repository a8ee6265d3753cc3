// Rooms of Yjs; the server, too, writes into their documents: it answers what is asked there.
import { createRequire } from 'node:module';
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const { getYDoc, setupWSConnection } = createRequire(import.meta.url)('y-websocket-server/bin/utils');

new WebSocketServer({ server: listen() }).on('connection', (socket, request) => {
  const document = getYDoc(request.url.slice(1));
  const asked = document.getMap('asked');
  const answers = document.getMap('answers');
  asked.observe(() => {
    if (answers.get('text') === asked.get('text')) return;
    heard(asked.get('text'));
    answers.set('text', asked.get('text'));
  });
  setupWSConnection(socket, request);
});
