import { SubscriptionClient } from 'subscriptions-transport-ws';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const client = new SubscriptionClient(`ws://${address}/graphql`, { reconnect: true });
  client.request({
    query: 'subscription ($name: String!) { texts(name: $name) }',
    variables: { name },
  }).subscribe({ next: ({ data }) => inbox.readyOr(data.texts) });
  return {
    send: (text) => new Promise((resolve, reject) => client.request({
      query: 'mutation ($name: String!, $text: String!) { say(name: $name, text: $text) }',
      variables: { name, text },
    }).subscribe({ error: reject, complete: resolve })),
    close: () => new Promise((resolve) => {
      client.onDisconnected(resolve);
      client.close();
    }),
  };
});
