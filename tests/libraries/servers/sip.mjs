// SIP over WebSocket (RFC 7118): a registrar that sends each MESSAGE back to who sent it.
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const HEADERS = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];
const handleProtocols = () => 'sip';

new WebSocketServer({ server: listen(), handleProtocols }).on('connection', (socket) => {
  let contact = '';
  let sent = 0;
  socket.on('message', (data) => {
    const [head, body] = String(data).split('\r\n\r\n');
    const [first, ...lines] = head.split('\r\n');
    // What answers a message of ours.
    if (first.startsWith('SIP/2.0')) return;
    const header = (name) => lines.find((line) => line.startsWith(`${name}: `));
    const isRegistering = first.startsWith('REGISTER');
    if (isRegistering) contact = header('Contact').slice(9);
    const copied = HEADERS.map(header).map((line) => (
      line.startsWith('To: ') && !line.includes(';tag=') ? `${line};tag=peer` : line
    ));
    const registered = isRegistering ? [`Contact: ${contact};expires=600`] : [];
    socket.send(['SIP/2.0 200 OK', ...copied, ...registered, 'Content-Length: 0', '', ''].join('\r\n'));
    if (!first.startsWith('MESSAGE')) return;
    heard(body);
    sent++;
    const [, address] = /<([^>]*)>/.exec(contact);
    const [, number] = /^CSeq: (\d+)/.exec(header('CSeq'));
    socket.send([
      `MESSAGE ${address} SIP/2.0`,
      `Via: SIP/2.0/WS peer.invalid;branch=z9hG4bK${sent}`,
      'Max-Forwards: 70',
      `From: <sip:peer@localhost>;tag=${sent}`,
      header('From').replace(/^From/, 'To').replace(/;tag=.*/, ''),
      `Call-ID: ${sent}.${number}.${Math.random()}`,
      `CSeq: ${sent} MESSAGE`,
      'Content-Type: text/plain',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'));
  });
});
