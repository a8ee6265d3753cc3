import { Client } from '@stomp/stompjs';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const client = new Client({
    brokerURL: `ws://${address}/stomp`,
    reconnectDelay: 1000,
    onConnect() {
      client.subscribe(`/topic/${name}`, ({ body }) => inbox.heard(body));
      inbox.connected();
    },
  });
  client.activate();
  return {
    send: (body) => client.publish({ destination: `/app/${name}`, body }),
    close: () => client.deactivate(),
  };
});
