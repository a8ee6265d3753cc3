// The WebSocket API of Home Assistant: a token, events that are subscribed to and fired.
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const VERSION = { ha_version: '2025.1.0' };

new WebSocketServer({ server: listen(), path: '/api/websocket' }).on('connection', (socket) => {
  const subscribed = new Map();
  const send = (message) => socket.send(JSON.stringify(message));
  send({ type: 'auth_required', ...VERSION });
  const answer = ({ id, type, event_type, event_data }) => {
    if (type === 'auth') return send({ type: 'auth_ok', ...VERSION });
    if (type === 'ping') return send({ id, type: 'pong' });
    if (type === 'subscribe_events') subscribed.set(event_type, id);
    send({ id, type: 'result', success: true, result: null });
    if (type !== 'fire_event') return;
    heard(event_data.text);
    send({ id: subscribed.get(event_type), type: 'event', event: { event_type, data: event_data } });
  };
  socket.on('message', (data) => [JSON.parse(data)].flat().forEach(answer));
});
