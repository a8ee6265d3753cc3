// A fixed number of sessions begins each second, even if the server is slow.
//
//   gharial serve echo          a server to try it against, in another terminal
//   gharial run SCRIPT
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    sessions: {
      executor: 'constant-arrival-rate',
      rate: 50,
      timeUnit: '1s',
      duration: '10s',
      // Enough for the sessions that are open at once; more are created, up to maxVUs.
      preAllocatedVUs: 20,
      maxVUs: 100,
    },
  },
  noDataThresholds: 'fail',
  thresholds: {
    // With too few virtual users the rate would not have been kept.
    dropped_iterations: ['count==0'],
    checks: ['rate>0.99'],
    ws_connecting: ['p(95)<500'],
  },
};

export default function () {
  const socket = new WebSocket(url);

  socket.onopen = () => socket.send('hello');

  socket.onmessage = ({ data }) => {
    check(data, { 'the echo is right': (text) => text === 'hello' });
    socket.close();
  };

  socket.onerror = ({ error }) => console.error(error);
}
