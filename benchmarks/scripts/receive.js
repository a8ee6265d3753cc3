// Opens sockets and takes what comes.
import { WebSocket } from 'k6/websockets';

export default function () {
  for (let i = 0; i < Number(__ENV.SOCKETS); i++) {
    const socket = new WebSocket(__ENV.URL);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => event.data;
  }
}
