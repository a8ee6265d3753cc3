import mqtt from 'mqtt';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const client = mqtt.connect(`ws://${address}/`, { clientId: name });
  client.on('connect', () => client.subscribe(name, inbox.connected));
  client.on('message', (topic, payload) => inbox.heard(payload.toString()));
  return {
    send: (text) => client.publishAsync(name, text, { qos: 1 }),
    close: () => client.endAsync(),
  };
});
