import JsSIP from 'jssip';
import { asUser } from './user.js';

export default asUser((address, name, inbox) => {
  const uri = `sip:${name}@localhost`;
  const agent = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(`ws://${address}`)],
    uri,
    connection_recovery_min_interval: 1,
  });
  agent.on('registered', inbox.connected);
  agent.on('newMessage', ({ originator, request }) => {
    if (originator === 'remote') inbox.heard(request.body);
  });
  agent.start();
  return {
    send: (text) => new Promise((resolve, reject) => {
      agent.sendMessage(uri, text, { eventHandlers: { succeeded: resolve, failed: reject } });
    }),
    close: () => new Promise((resolve) => {
      agent.on('disconnected', resolve);
      agent.stop();
    }),
  };
});
