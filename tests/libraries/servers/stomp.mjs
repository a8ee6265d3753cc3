import StompServer from 'stomp-broker-js';
import { heard, listen } from './common.mjs';

// This broker never sends a message back to who sent it: it is the application that answers.
const broker = new StompServer({ server: listen(), path: '/stomp' });
broker.on('send', ({ dest, frame: { body } }) => {
  if (!dest.startsWith('/app/')) return;
  heard(body);
  broker.send(dest.replace('/app/', '/topic/'), {}, body);
});
