// XMPP over WebSocket (RFC 7395): SASL PLAIN, binding, and messages, each to whoever sent it.
import { WebSocketServer } from 'ws';
import { heard, listen } from './common.mjs';

const STREAMS = 'xmlns="http://etherx.jabber.org/streams"';
const FRAMING = 'xmlns="urn:ietf:params:xml:ns:xmpp-framing"';
const SASL = 'xmlns="urn:ietf:params:xml:ns:xmpp-sasl"';
const BIND = 'xmlns="urn:ietf:params:xml:ns:xmpp-bind"';

new WebSocketServer({ server: listen(), path: '/xmpp' }).on('connection', (socket) => {
  let user = '';
  socket.on('message', (data) => {
    const stanza = String(data);
    const [, kind] = /^<(\w+)/.exec(stanza);
    const [, id] = / id="([^"]*)"/.exec(stanza) ?? [];
    if (kind === 'open') {
      socket.send(`<open ${FRAMING} from="localhost" id="1" version="1.0"/>`);
      const mechanisms = `<mechanisms ${SASL}><mechanism>PLAIN</mechanism></mechanisms>`;
      socket.send(`<features ${STREAMS}>${user ? `<bind ${BIND}/>` : mechanisms}</features>`);
    } else if (kind === 'auth') {
      const [, credentials] = />([^<]*)</.exec(stanza);
      [, user] = Buffer.from(credentials, 'base64').toString().split('\0');
      socket.send(`<success ${SASL}/>`);
    } else if (kind === 'iq') {
      const jid = `<jid>${user}@localhost/1</jid>`;
      socket.send(`<iq xmlns="jabber:client" type="result" id="${id}"><bind ${BIND}>${jid}</bind></iq>`);
    } else if (kind === 'message') {
      const [body, text] = /<body>([^<]*)<\/body>/.exec(stanza);
      heard(text);
      socket.send(`<message xmlns="jabber:client" from="${user}@localhost/1">${body}</message>`);
    } else if (kind === 'close') {
      socket.send(`<close ${FRAMING}/>`);
      socket.close();
    }
  });
});
