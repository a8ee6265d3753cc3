// What a script can do once per run, once per virtual user, and once per iteration.
//
//   gharial serve echo --port 9001
//   gharial run examples/life_cycle.js
import { check } from 'k6';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    talk: { executor: 'per-vu-iterations', vus: 3, iterations: 5 },
  },
  noDataThresholds: 'fail',
  thresholds: { checks: ['rate==1'] },
};

// Each virtual user has its own globals.
let socket;

// Once, at the start. Its return value is passed to every other function, as a copy.
export function setup() {
  return { greeting: 'hello' };
}

// Once in each virtual user. Its socket stays open across iterations.
export async function vuSetup(data) {
  socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = (event) => reject(new Error(event.error));
  });
  console.log(`virtual user ${__VU} is there to say ${data.greeting}`);
}

// Once per iteration.
export default async function (data) {
  const text = `${data.greeting} ${__ITER}`;
  const answer = new Promise((resolve) => { socket.onmessage = resolve; });
  socket.send(text);
  check((await answer).data, { 'the echo is right': (echo) => echo === text });
}

// Once in each virtual user that was set up. Its socket is closed afterwards, with 1001.
export function vuTeardown() {
  socket.close(1000, 'done');
}

// Once, at the end.
export function teardown(data) {
  console.log(`nobody says ${data.greeting} any more`);
}

// At the very end: returns what the summary shows, and files to write.
export function handleSummary(data) {
  const { count } = data.metrics.iterations.values;
  return { stdout: `${count} iterations in ${data.state.testRunDurationMs.toFixed()} ms\n` };
}
