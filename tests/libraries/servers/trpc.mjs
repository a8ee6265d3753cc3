import { EventEmitter, on } from 'node:events';
import { initTRPC } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const texts = new EventEmitter().setMaxListeners(0);
const { procedure, router: asRouter } = initTRPC.create();

const router = asRouter({
  say: procedure.input((input) => input).mutation(({ input: { name, text } }) => {
    heard(text);
    texts.emit(name, text);
  }),
  texts: procedure.input(String).subscription(async function* ({ input, signal }) {
    const later = on(texts, input, { signal });
    yield '';
    for await (const [text] of later) yield text;
  }),
});

applyWSSHandler({ wss: new WebSocketServer({ server: listen() }), router });
