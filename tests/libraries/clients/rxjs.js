import { retry } from 'rxjs';
import { webSocket } from 'rxjs/webSocket';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const { promise: closed, resolve } = Promise.withResolvers();
  const subject = webSocket({
    url: `ws://${address}/`,
    serializer: (text) => text,
    deserializer: ({ data }) => data,
    openObserver: { next: inbox.connected },
  });
  subject.pipe(retry({ delay: 1000 })).subscribe({ next: inbox.heard, complete: resolve });
  return {
    send: (text) => subject.next(text),
    close() {
      subject.complete();
      return closed;
    },
  };
});
