import { ApolloClient, gql, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { asUser } from './user.js';

const TEXTS = gql`subscription ($name: String!) { texts(name: $name) }`;
const SAY = gql`mutation ($name: String!, $text: String!) { say(name: $name, text: $text) }`;

export default asUser((address, name, inbox) => {
  const socket = createClient({
    url: `ws://${address}/graphql`,
    shouldRetry: () => true,
    retryAttempts: 20,
  });
  const client = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
  client.subscribe({ query: TEXTS, variables: { name } }).subscribe(
    ({ data }) => inbox.readyOr(data.texts),
  );
  return {
    send: (text) => client.mutate({ mutation: SAY, variables: { name, text } }),
    async close() {
      client.stop();
      await socket.dispose();
    },
  };
});
