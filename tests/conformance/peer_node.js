// npm's ws as a peer that does what the query of its URL says: see peer_servers.py.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { WebSocketServer } = require('ws');

const seen = {};
let open = 0;

function fragments(socket, kind, parts, between) {
  const binary = kind === 'binary';
  parts.forEach((part, index) => {
    const data = Buffer.from(part, 'hex');
    socket.send(data, { binary, fin: index === parts.length - 1 });
    if (between !== undefined && index < parts.length - 1) socket.ping(Buffer.from(between, 'hex'));
  });
}

function cut(data, pieces) {
  const size = Math.ceil(data.length / pieces) || 1;
  return Array.from({ length: pieces }, (_, index) => (
    data.subarray(index * size, (index + 1) * size).toString('hex')));
}

const ACTIONS = {
  text: (socket, text) => socket.send(text),
  binary: (socket, hex) => socket.send(Buffer.from(hex, 'hex')),
  fragments,
  ping: (socket, hex) => socket.ping(Buffer.from(hex, 'hex')),
  pong: (socket, hex) => socket.pong(Buffer.from(hex, 'hex')),
  close: (socket, code, reason) => (code === undefined ? socket.close() : socket.close(code, reason)),
  raw: (socket, hex) => socket._socket.write(Buffer.from(hex, 'hex')),
  drop: (socket) => socket._socket.end(),
  reset: (socket) => socket._socket.resetAndDestroy(),
};

function act(socket, actions) {
  for (const [name, ...details] of actions || []) ACTIONS[name](socket, ...details);
}

function converse(socket, plan, note) {
  socket.on('message', (data, isBinary) => {
    if (plan.answer !== undefined) {
      act(socket, plan.answer);
    } else if (plan.pieces !== undefined) {
      fragments(socket, isBinary ? 'binary' : 'text', cut(data, plan.pieces));
    } else {
      socket.send(data, { binary: isBinary });
    }
  });
  socket.on('ping', (data) => note('ping', data.toString('hex')));
  socket.on('pong', (data) => note('pong', data.toString('hex')));
  socket.on('error', () => {});
  socket.on('close', (code, reason) => note('close', code, reason.toString()));
  act(socket, plan.do);
}

function refuse(socket, { status, body }) {
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\n`
    + `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function upgrade(request, socket, head) {
  const query = new URL(request.url, 'http://any/').searchParams;
  const plan = JSON.parse(query.get('plan'));
  const events = (seen[query.get('case')] = []);
  const note = (...event) => events.push(event);
  note('request', request.headers);
  open += 1;
  socket.on('close', () => { open -= 1; });
  socket.on('error', () => {});
  if (plan.refuse !== undefined) {
    refuse(socket, plan.refuse);
    return;
  }
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: plan.deflate ? { ...plan.deflate, threshold: 0 } : false,
    maxPayload: 2 ** 26,
    handleProtocols: (offered) => (
      (plan.protocols || []).find((name) => offered.has(name)) || false),
  });
  server.on('headers', (headers) => {
    for (const [name, value] of plan.headers || []) headers.push(`${name}: ${value}`);
  });
  server.handleUpgrade(request, socket, head, (accepted) => converse(accepted, plan, note));
}

const [certificate, ...hosts] = process.argv.slice(2);
const pem = fs.readFileSync(certificate);
const servers = [];
const ports = [];

function listen(server, host) {
  servers.push(server);
  server.on('upgrade', upgrade);
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, host, () => { ports.push(server.address().port); resolve(); });
  });
}

(async () => {
  for (const host of hosts) await listen(http.createServer(), host);
  await listen(https.createServer({ cert: pem, key: pem }), '127.0.0.1');
  console.log(JSON.stringify(ports));
})();

// The end of stdin asks for what was seen, once all of it is.
process.stdin.on('end', () => {
  const ended = Date.now() + 3000;
  const look = () => {
    if (open > 0 && Date.now() < ended) {
      setTimeout(look, 5);
      return;
    }
    process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));
  };
  look();
});
process.stdin.resume();
