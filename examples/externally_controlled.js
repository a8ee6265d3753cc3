// The number of virtual users is set from outside during the run.
//
//   gharial serve echo --port 9001
//   gharial run examples/externally_controlled.js
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';
const duration = __ENV.DURATION || '10s';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    by_hand: {
      // gharial run --address 127.0.0.1:6565 ..., then: gharial scale --vus 20
      executor: 'externally-controlled',
      vus: 5,
      maxVUs: 20,
      duration,
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
