import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const socket = createWSClient({ url: `ws://${address}`, retryDelayMs: () => 1000 });
  const client = createTRPCClient({ links: [wsLink({ client: socket })] });
  client.texts.subscribe(name, { onData: inbox.readyOr, onError: console.error });
  return {
    send: (text) => client.say.mutate({ name, text }),
    close: () => socket.close(),
  };
});
