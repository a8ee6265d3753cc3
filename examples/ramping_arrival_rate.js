// The rate at which iterations begin goes up and down.
//
//   gharial serve echo --port 9001
//   gharial run examples/ramping_arrival_rate.js
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';
const stage = __ENV.DURATION || '5s';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    arrivals: {
      executor: 'ramping-arrival-rate',
      startRate: 10,
      timeUnit: '1s',
      stages: [
        { duration: stage, target: 60 },
        { duration: stage, target: 60 },
        { duration: stage, target: 0 },
      ],
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
