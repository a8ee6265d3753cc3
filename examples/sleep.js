// sleep() suspends this virtual user only; its events wait until it wakes up.
import { WebSocket } from 'k6/experimental/websockets';
import { setTimeout } from 'k6/experimental/timers';
import { sleep } from 'k6';

/** @type {import('k6/options').Options} */
export const options = { vus: 10, iterations: 10 };

const url = __ENV.URL || 'ws://127.0.0.1:9001/';

export default function () {
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => {
    for (let n = 0; n < 3; n++) {
      socket.send(`message ${n}`);
      sleep(0.1);
    }
    setTimeout(() => socket.close(), 100);
  });
  socket.addEventListener('message', (event) => console.log(`VU ${__VU}: ${event.data}`));
}
