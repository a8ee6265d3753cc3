import { createRequire } from 'node:module';
import { heard } from './common.mjs';

const require = createRequire(import.meta.url);
const { Room, Server } = require('@colyseus/core');
const { WebSocketTransport } = require('@colyseus/ws-transport');

class Chat extends Room {
  onCreate() {
    this.onMessage('say', (client, text) => {
      heard(text);
      client.send('text', text);
    });
  }
}

const transport = new WebSocketTransport();
const server = new Server({ transport, greet: false, gracefullyShutdown: false });
server.define('chat', Chat);
await server.listen(Number(process.argv[2]), '127.0.0.1');
console.log(`LISTENING ${transport.server.address().port}`);
