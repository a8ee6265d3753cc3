import { createServer } from 'node:http';
import { execute, subscribe } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/http';
import { listen } from './common.mjs';
import { rootValue, schema } from './graphql.mjs';

listen(createServer(createHandler({
  schema,
  execute: (args) => execute({ ...args, rootValue }),
  subscribe: (args) => subscribe({ ...args, rootValue }),
})));
