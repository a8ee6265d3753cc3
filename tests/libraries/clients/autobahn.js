import autobahn from 'autobahn-browser';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const connection = new autobahn.Connection({
    url: `ws://${address}/wamp`,
    realm: 'realm1',
    max_retry_delay: 2,
  });
  connection.onopen = async (session) => {
    await session.subscribe(name, ([text]) => inbox.heard(text));
    inbox.connected();
  };
  const { promise: closed, resolve } = Promise.withResolvers();
  connection.onclose = (reason) => {
    if (reason === 'closed') resolve();
  };
  connection.open();
  return {
    send: (text) => connection.session.call('say', [name, text]),
    close() {
      connection.close();
      return closed;
    },
  };
});
