// Ably's realtime protocol in JSON: connections, channels that are attached, messages.
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const ACK = 1;
const CONNECTED = 4;
const CLOSE = 7;
const CLOSED = 8;
const ATTACH = 10;
const ATTACHED = 11;
const DETACH = 12;
const DETACHED = 13;
const MESSAGE = 15;

let connections = 0;
new WebSocketServer({ server: listen() }).on('connection', (socket) => {
  const connectionId = `${process.pid}-${connections++}`;
  const send = (message) => socket.send(JSON.stringify(message));
  send({
    action: CONNECTED,
    connectionId,
    connectionDetails: {
      connectionKey: connectionId,
      connectionStateTtl: 120_000,
      maxIdleInterval: 15_000,
      maxMessageSize: 65_536,
    },
  });
  socket.on('message', (data) => {
    const { action, channel, messages, msgSerial } = JSON.parse(data);
    if (action === ATTACH) send({ action: ATTACHED, channel, channelSerial: '1' });
    if (action === DETACH) send({ action: DETACHED, channel });
    if (action === CLOSE) send({ action: CLOSED });
    if (action !== MESSAGE) return;
    for (const message of messages) heard(message.data);
    send({ action: ACK, msgSerial, count: 1 });
    send({ action: MESSAGE, channel, connectionId, id: `${connectionId}:${msgSerial}`,
      timestamp: Date.now(), messages });
  });
});
