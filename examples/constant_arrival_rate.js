// A fixed number of iterations begins each second, even if earlier ones still run.
//
//   gharial serve echo --port 9001
//   gharial run examples/constant_arrival_rate.js
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';
const duration = __ENV.DURATION || '10s';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    arrivals: {
      executor: 'constant-arrival-rate',
      rate: 50,
      timeUnit: '1s',
      duration,
      // Enough for the iterations that run at once; more are created if needed, up to maxVUs.
      preAllocatedVUs: 20,
      maxVUs: 100,
    },
  },
  noDataThresholds: 'fail',
  thresholds: { dropped_iterations: ['count<10'], checks: ['rate==1'] },
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
