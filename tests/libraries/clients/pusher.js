import Pusher from 'pusher-js/worker';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const [wsHost, wsPort] = address.split(':');
  const client = new Pusher('key', {
    cluster: 'local',
    wsHost,
    wsPort,
    forceTLS: false,
    enabledTransports: ['ws'],
    channelAuthorization: { customHandler: (request, answer) => answer(null, { auth: 'key:x' }) },
  });
  const channel = client.subscribe(`private-${name}`);
  channel.bind('pusher:subscription_succeeded', inbox.connected);
  channel.bind('text', inbox.heard);
  return {
    send: (text) => channel.trigger('client-say', text),
    close: () => new Promise((resolve) => {
      client.connection.bind('disconnected', resolve);
      client.disconnect();
    }),
  };
});
