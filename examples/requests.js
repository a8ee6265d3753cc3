// Measures response times: requests over a socket, timed on the wire.
import { WebSocket } from 'k6/websockets';

/** @type {import('k6/options').Options} */
export const options = {
  vus: 2,
  iterations: 4,
  noDataThresholds: 'fail',
  thresholds: {
    'ws_req_duration{name:greet}': ['p(95)<1000'],
    ws_req_failed: ['rate<0.01'],
  },
};

export default async function () {
  const socket = new WebSocket(__ENV.URL || 'ws://localhost:8080');
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  // The next message is the answer.
  await socket.request('hello', { name: 'greet' });
  // The message with the same number is the answer, even if other messages come first.
  const id = Math.floor(Math.random() * 1000);
  const answer = await socket.request(JSON.stringify({ id, question: 'time' }), {
    name: 'ask',
    match: { path: '$.id', value: id },
    timeout: '5s',
  });
  console.log(`VU ${__VU}: ${answer}`);
  socket.close();
}
