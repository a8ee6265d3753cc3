// Each virtual user has the same number of iterations.
//
//   gharial serve echo --port 9001
//   gharial run examples/per_vu_iterations.js
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    each: {
      executor: 'per-vu-iterations',
      vus: 5,
      iterations: 4,
      maxDuration: '1m',
    },
  },
  noDataThresholds: 'fail',
  thresholds: { iterations: ['count==20'], checks: ['rate==1'] },
};

export default function () {
  const socket = new WebSocket(url);

  socket.onopen = () => socket.send('hello');

  socket.onmessage = ({ data }) => {
    check(data, { 'the echo is right': (text) => text === 'hello' });
    setTimeout(() => socket.close(), 100);
  };

  socket.onerror = ({ error }) => console.error(error);
}
