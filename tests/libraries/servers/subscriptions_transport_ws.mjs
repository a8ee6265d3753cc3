import { createRequire } from 'node:module';
import { execute, subscribe } from 'graphql';
import { listen } from './common.mjs';
import { rootValue, schema } from './graphql.mjs';

const { SubscriptionServer } = createRequire(import.meta.url)('subscriptions-transport-ws');

SubscriptionServer.create(
  { schema, rootValue, execute, subscribe },
  { server: listen(), path: '/graphql' },
);
