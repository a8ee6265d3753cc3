import { Centrifuge } from 'centrifuge';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const client = new Centrifuge(`ws://${address}/connection/websocket`, { maxReconnectDelay: 1000 });
  const subscription = client.newSubscription(name);
  subscription.on('subscribed', inbox.connected);
  subscription.on('publication', ({ data }) => inbox.heard(data));
  subscription.subscribe();
  client.connect();
  return {
    send: (text) => client.publish(name, text),
    close: () => new Promise((resolve) => {
      client.on('disconnected', resolve);
      client.disconnect();
    }),
  };
});
