import { createConnection, createLongLivedTokenAuth } from 'home-assistant-js-websocket';
import { asUser } from './user.js';

export default asUser(async (address, name, inbox) => {
  const auth = createLongLivedTokenAuth(`http://${address}`, 'token');
  const connection = await createConnection({ auth });
  await connection.subscribeEvents(({ data }) => inbox.heard(data.text), name);
  connection.addEventListener('ready', () => connection.ping().then(inbox.connected));
  inbox.connected();
  return {
    send: (text) => connection.sendMessagePromise(
      { type: 'fire_event', event_type: name, event_data: { text } },
    ),
    close: () => connection.close(),
  };
});
