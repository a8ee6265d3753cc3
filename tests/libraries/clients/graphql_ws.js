import { createClient } from 'graphql-ws';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const client = createClient({
    url: `ws://${address}/graphql`,
    lazy: false,
    shouldRetry: () => true,
    retryAttempts: 20,
  });
  client.subscribe(
    { query: 'subscription ($name: String!) { texts(name: $name) }', variables: { name } },
    { next: ({ data }) => inbox.readyOr(data.texts), error: console.error, complete() {} },
  );
  return {
    send: (text) => new Promise((resolve, reject) => client.subscribe(
      { query: 'mutation ($name: String!, $text: String!) { say(name: $name, text: $text) }',
        variables: { name, text } },
      { next() {}, error: reject, complete: resolve },
    )),
    close: () => client.dispose(),
  };
});
