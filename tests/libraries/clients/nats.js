import { connect, StringCodec } from 'nats.ws';
import { asUser } from './user.js';

const codec = StringCodec();

export default asUser(async (address, name, inbox) => {
  const client = await connect({
    servers: `ws://${address}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 1000,
  });
  client.subscribe(name, {
    callback: (error, message) => inbox.heard(error ? String(error) : codec.decode(message.data)),
  });
  followConnections(client, inbox);
  await client.flush();
  inbox.connected();
  return {
    send: (text) => client.publish(name, codec.encode(text)),
    close: () => client.drain(),
  };
});

async function followConnections(client, inbox) {
  for await (const { type } of client.status()) {
    if (type === 'reconnect') client.flush().then(inbox.connected);
  }
}
