// A fixed number of sessions begins each second, even if the server is slow.
//
//   gharial serve echo          a server to try it against, in another terminal
//   gharial run SCRIPT
import { check } from 'k6';
import type { Options } from 'k6/options';
import { WebSocket } from 'k6/websockets';

const url: string = __ENV.URL || 'ws://127.0.0.1:9001/';

export const options: Options = {
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

export default function (): void {
  const socket = new WebSocket(url);

  socket.onopen = (): void => socket.send('hello');

  socket.onmessage = ({ data }: { data: string }): void => {
    check(data, { 'the echo is right': (text: string) => text === 'hello' });
    socket.close();
  };

  socket.onerror = ({ error }: { error: string }): void => console.error(error);
}
