// Opens sockets and sends back all that comes; also runs in k6.
import { WebSocket } from 'k6/websockets';

const size = Number(__ENV.SIZE);
const payload = __ENV.KIND === 'binary' ? new Uint8Array(size).buffer : 'x'.repeat(size);

export default function () {
  for (let i = 0; i < Number(__ENV.SOCKETS); i++) {
    const socket = new WebSocket(__ENV.URL);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => socket.send(payload);
    socket.onmessage = (event) => socket.send(event.data);
  }
}
