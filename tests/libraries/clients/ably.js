import { Realtime } from 'ably';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const [endpoint, port] = address.split(':');
  const client = new Realtime({
    token: 'token',
    endpoint,
    port: Number(port),
    tls: false,
    useBinaryProtocol: false,
    disableConnectivityCheck: true,
    fallbackHosts: [],
    disconnectedRetryTimeout: 1000,
    logLevel: 0,
  });
  const channel = client.channels.get(name);
  channel.on('attached', inbox.connected);
  channel.subscribe('text', ({ data }) => inbox.heard(data));
  return {
    send: (text) => channel.publish('text', text),
    close: () => new Promise((resolve) => {
      client.connection.once('closed', resolve);
      client.close();
    }),
  };
});
