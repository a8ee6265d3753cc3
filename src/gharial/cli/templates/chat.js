// Virtual users join a room, talk for a while, and count what they hear.
//
//   gharial serve chat          a server to try it against, in another terminal
//   gharial run SCRIPT
import { check } from 'k6';
import { Counter } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';
import { randomIntBetween, randomString } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';

const url = __ENV.URL || 'ws://127.0.0.1:9002/';
const sessionMs = Number(__ENV.SESSION_MS || 5000);
const heard = new Counter('heard');

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    talkers: {
      executor: 'ramping-vus',
      startVUs: 1,
      stages: [
        { duration: '5s', target: 10 },
        { duration: '10s', target: 10 },
        { duration: '5s', target: 0 },
      ],
      gracefulRampDown: '10s',
    },
  },
  noDataThresholds: 'fail',
  thresholds: {
    checks: ['rate>0.99'],
    heard: ['count>0'],
    ws_connecting: ['p(95)<1000'],
  },
};

export default function () {
  // A name for the metrics: without it, each room would be a separate series.
  const socket = new WebSocket(`${url}lobby`, null, { tags: { name: 'lobby' } });
  const send = (event) => socket.send(JSON.stringify(event));

  socket.addEventListener('open', () => {
    send({ event: 'SET_NAME', new_name: `user ${__VU}` });
    const talking = setInterval(() => {
      send({ event: 'SAY', message: `I'm saying ${randomString(5)}` });
    }, randomIntBetween(500, 1500));
    setTimeout(() => {
      clearInterval(talking);
      send({ event: 'LEAVE' });
      socket.close(1000, 'goodbye');
    }, sessionMs);
  });

  socket.addEventListener('message', ({ data }) => {
    const event = JSON.parse(data);
    check(event, { 'is not an error': ({ event: kind }) => kind !== 'ERROR' });
    if (event.event === 'CHAT_MSG') heard.add(1);
  });

  socket.addEventListener('error', ({ error }) => console.error(error));
}
