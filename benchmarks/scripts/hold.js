// Opens sockets one after the other, and pings each every ten seconds.
import { WebSocket } from 'k6/websockets';

const urls = __ENV.URL.split(',');

export default function () {
  let left = Number(__ENV.SOCKETS);
  const openNext = () => {
    if (left === 0) return;
    left -= 1;
    const socket = new WebSocket(urls[left % urls.length]);
    socket.onopen = () => {
      setInterval(() => socket.ping(), 10_000);
      openNext();
    };
  };
  openNext();
}
