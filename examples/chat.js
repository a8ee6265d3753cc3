// Several people talk in one room, each over their own socket.
//
//   gharial serve chat --port 9002
//   gharial run examples/chat.js
import { randomIntBetween, randomString } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';
import { WebSocket } from 'k6/websockets';
import { check } from 'k6';
import { Counter } from 'k6/metrics';

/** @type {import('k6/options').Options} */
export const options = {
  vus: 3,
  iterations: 3,
  noDataThresholds: 'fail',
  thresholds: { heard: ['count>0'], checks: ['rate==1'] },
};

const url = __ENV.URL || 'ws://127.0.0.1:9002/';
const sessionMs = Number(__ENV.SESSION_MS || 3000);
const heard = new Counter('heard');

export default function () {
  for (let id = 0; id < 4; id++) join(`${__VU}:${id}`);
}

function join(name) {
  const socket = new WebSocket(`${url}lobby`, null, { tags: { name: 'lobby' } });
  const send = (event) => socket.send(JSON.stringify(event));

  socket.addEventListener('open', () => {
    send({ event: 'SET_NAME', new_name: name });
    const talking = setInterval(() => {
      send({ event: 'SAY', message: `I'm saying ${randomString(5)}` });
    }, randomIntBetween(300, 900));
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
