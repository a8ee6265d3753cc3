// Channels as version 7 of Pusher's protocol has them. A client event is answered with an
// event, as an application would do that hears of it.
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

new WebSocketServer({ server: listen() }).on('connection', (socket) => {
  const send = (event, channel, data) => {
    socket.send(JSON.stringify({ event, channel, data: JSON.stringify(data) }));
  };
  send('pusher:connection_established', undefined, { socket_id: '1.1', activity_timeout: 120 });
  socket.on('message', (message) => {
    const { event, channel, data } = JSON.parse(message);
    if (event === 'pusher:ping') send('pusher:pong', undefined, {});
    if (event === 'pusher:subscribe') {
      send('pusher_internal:subscription_succeeded', data.channel, {});
    }
    if (event === 'client-say') {
      heard(data);
      send('text', channel, data);
    }
  });
});
