// Opens sockets, and pings each every ten seconds.
import { WebSocket } from 'k6/websockets';

const urls = __ENV.URL.split(',');

export default function () {
  for (let i = 0; i < Number(__ENV.SOCKETS); i++) {
    const socket = new WebSocket(urls[i % urls.length]);
    socket.onopen = () => setInterval(() => socket.ping(), 10_000);
  }
}
