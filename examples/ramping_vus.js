// More and more virtual users, then fewer and fewer.
//
//   gharial serve echo --port 9001
//   gharial run examples/ramping_vus.js
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';
const stage = __ENV.DURATION || '5s';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    ramp: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { duration: stage, target: 10 },
        { duration: stage, target: 10 },
        { duration: stage, target: 0 },
      ],
      // How long a virtual user that is removed may take to finish its iteration.
      gracefulRampDown: '5s',
    },
  },
  noDataThresholds: 'fail',
  thresholds: { checks: ['rate==1'] },
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
