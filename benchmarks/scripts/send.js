// Opens sockets and sends a hundred messages for each that comes.
import { WebSocket } from 'k6/websockets';

const size = Number(__ENV.SIZE);
const payload = __ENV.KIND === 'binary' ? new Uint8Array(size).buffer : 'x'.repeat(size);

export default function () {
  for (let i = 0; i < Number(__ENV.SOCKETS); i++) {
    const socket = new WebSocket(__ENV.URL);
    const send = () => {
      for (let sent = 0; sent < 100; sent++) socket.send(payload);
    };
    socket.onopen = send;
    socket.onmessage = send;
  }
}
