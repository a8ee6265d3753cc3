// Centrifugo's protocol in JSON: several commands or replies in a message, one on a line.
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const path = '/connection/websocket';
new WebSocketServer({ server: listen(), path }).on('connection', (socket) => {
  const send = (reply) => socket.send(JSON.stringify(reply));
  socket.on('message', (message) => {
    for (const line of String(message).split('\n')) {
      const { id, connect, subscribe, publish } = JSON.parse(line);
      if (connect) send({ id, connect: { client: 'client', version: '6', ping: 25, pong: true } });
      if (subscribe) send({ id, subscribe: {} });
      if (publish) {
        heard(publish.data);
        send({ id, publish: {} });
        send({ push: { channel: publish.channel, pub: { data: publish.data } } });
      }
    }
  });
});
