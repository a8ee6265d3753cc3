// A hub of ASP.NET Core SignalR: its negotiation, and its protocol in JSON over WebSockets.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const END = '\u001e';

const server = createServer((request, response) => {
  request.resume();
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({
    connectionId: 'id',
    connectionToken: 'token',
    negotiateVersion: 1,
    availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text', 'Binary'] }],
  }));
});

new WebSocketServer({ server: listen(server), path: '/hub' }).on('connection', (socket) => {
  const send = (message) => socket.send(JSON.stringify(message) + END);
  socket.on('message', (data) => {
    for (const text of String(data).split(END).filter(Boolean)) {
      const message = JSON.parse(text);
      if (message.protocol) send({});
      if (message.type !== 1) continue;
      if (message.target === 'say') {
        heard(message.arguments[0]);
        send({ type: 1, target: 'text', arguments: message.arguments });
      }
      send({ type: 3, invocationId: message.invocationId, result: null });
    }
  });
});
