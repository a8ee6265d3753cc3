import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { listen } from './common.mjs';
import { rootValue, schema } from './graphql.mjs';

const server = new WebSocketServer({ server: listen(), path: '/graphql' });
useServer({ schema, roots: { query: rootValue, mutation: rootValue, subscription: rootValue } }, server);
