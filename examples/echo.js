// The smallest test: send a message, check the answer, close.
//
//   gharial serve echo --port 9001
//   gharial run examples/echo.js
import { WebSocket } from 'k6/websockets';
import { check } from 'k6';

/** @type {import('k6/options').Options} */
export const options = { vus: 5, iterations: 20 };

const url = __ENV.URL || 'ws://127.0.0.1:9001/';

export default function () {
  const socket = new WebSocket(url);

  socket.onopen = () => {
    socket.send('hello');
  };

  socket.onmessage = (event) => {
    check(event.data, { 'the echo is right': (data) => data === 'hello' });
    socket.close();
  };

  socket.onerror = (event) => {
    console.error(event.error);
  };
}
