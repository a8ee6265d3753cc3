// A schema with what the GraphQL clients here ask for: a user's texts, an empty one first.
import { EventEmitter, on } from 'node:events';
import { buildSchema } from 'graphql';
import { heard } from './common.mjs';

const texts = new EventEmitter().setMaxListeners(0);

export const schema = buildSchema(`
  type Query { ready: Boolean }
  type Mutation { say(name: String!, text: String!): Boolean }
  type Subscription { texts(name: String!): String }
`);

export const rootValue = {
  ready: true,
  say({ name, text }) {
    heard(text);
    texts.emit(name, text);
    return true;
  },
  async *texts({ name }) {
    const later = on(texts, name);
    yield { texts: '' };
    for await (const [text] of later) yield { texts: text };
  },
};
