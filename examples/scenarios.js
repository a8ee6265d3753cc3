// Two kinds of virtual users at once; the second kind starts after one second.
import { WebSocket } from 'k6/websockets';
import exec from 'k6/execution';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    talkers: { executor: 'constant-vus', vus: 3, duration: '3s', exec: 'talk' },
    visitors: {
      executor: 'per-vu-iterations',
      vus: 2,
      iterations: 3,
      startTime: '1s',
      exec: 'visit',
      tags: { kind: 'visitor' },
      env: { GREETING: 'just looking' },
    },
  },
  noDataThresholds: 'fail',
  thresholds: { 'ws_sessions{kind:visitor}': ['count==6'] },
};

const url = __ENV.URL || 'ws://127.0.0.1:9001/';

export function talk() {
  const socket = new WebSocket(url);
  let heard = 0;
  socket.onopen = () => socket.send(`from ${exec.scenario.name}`);
  socket.onmessage = () => {
    heard += 1;
    if (heard === 20) socket.close();
    else setTimeout(() => socket.send('and on'), 20);
  };
}

export function visit() {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(__ENV.GREETING);
  socket.onmessage = () => socket.close();
}
