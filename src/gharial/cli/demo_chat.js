// The script of `gharial demo`: visitors of a chat room, four sockets each.
//
// Run it against any server that speaks the same protocol, for example `gharial serve chat`:
//   gharial run -e CHAT_URL=ws://127.0.0.1:8080/ws/crocochat/river/ demo_chat.js
import { check } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';
import { randomIntBetween, randomItem } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';

const SOCKETS_PER_VISITOR = 4;
const STAY_MS = 6000;
const URL = __ENV.CHAT_URL || 'wss://chat.gharial.test/ws/crocochat/river/';
const PHRASES = ['good morning', 'lovely water today', 'seen any fish?', 'mind the boat', 'snap!'];

const deliveryTime = new Trend('chat_delivery_time', true);
const chatErrors = new Counter('chat_errors');

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    visitors: { executor: 'per-vu-iterations', vus: 5, iterations: 2, maxDuration: '25s' },
  },
  thresholds: {
    checks: ['rate>0.99'],
    chat_delivery_time: ['p(95)<500'],
    chat_errors: ['count==0'],
  },
};

export default function () {
  for (let seat = 0; seat < SOCKETS_PER_VISITOR; seat += 1) {
    visit(`Gharial ${__VU}.${seat}`, seat);
  }
}

function visit(name, seat) {
  const socket = new WebSocket(URL);
  const saidAt = new Map();
  const isTeller = __VU === 1 && seat === 0;

  socket.addEventListener('open', () => {
    socket.send(JSON.stringify({ event: 'SET_NAME', new_name: name }));
    const talking = setInterval(say, randomIntBetween(800, 2000));
    const leaving = setTimeout(leave, STAY_MS + randomIntBetween(0, 500));
    socket.addEventListener('close', () => {
      clearInterval(talking);
      clearTimeout(leaving);
    });
    // Each is to hear at least itself, however short its stay.
    say();
  });

  function say() {
    const message = `${randomItem(PHRASES)} (${saidAt.size + 1})`;
    saidAt.set(message, Date.now());
    socket.send(JSON.stringify({ event: 'SAY', message }));
  }

  function leave() {
    check(saidAt, { 'everything said was heard': heard });
    socket.send(JSON.stringify({ event: 'LEAVE' }));
    socket.close(1000, 'time to swim');
  }

  function heard(times) {
    // What was said a moment ago may still be on its way.
    return [...times.values()].every((at) => at === null || Date.now() - at < 500);
  }

  socket.addEventListener('message', (event) => {
    const received = JSON.parse(event.data);
    if (received.event === 'ERROR') {
      chatErrors.add(1);
      console.error(`${name}: ${received.message}`);
    } else if (received.event === 'CHAT_MSG' && received.user === name) {
      deliveryTime.add(event.timestamp - saidAt.get(received.message));
      saidAt.set(received.message, null);
    }
    // Everybody hears everything; one socket tells of some, or nobody could read along.
    if (received.event === 'CHAT_MSG' && isTeller && received.user.endsWith('.0')) {
      console.log(`${received.user} says: ${received.message}`);
    }
  });

  socket.addEventListener('error', (event) => console.error(`${name}: ${event.error}`));
  socket.addEventListener('close', (event) => {
    check(event, { 'closed cleanly': (closed) => closed.wasClean });
  });
}
