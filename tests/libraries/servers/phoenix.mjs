// Channels of Phoenix as its JSON serializer of version 2 writes them:
// [join reference, reference, topic, event, payload].
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

new WebSocketServer({ server: listen(), path: '/socket/websocket' }).on('connection', (socket) => {
  socket.on('message', (data) => {
    const [joined, reference, topic, event, payload] = JSON.parse(data);
    if (event === 'say') {
      heard(payload.text);
      socket.send(JSON.stringify([joined, null, topic, 'text', payload]));
    }
    const reply = { status: 'ok', response: {} };
    socket.send(JSON.stringify([joined, reference, topic, 'phx_reply', reply]));
  });
});
