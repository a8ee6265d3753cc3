// Each virtual user sends a message, checks that it comes back, and closes.
//
//   gharial serve echo          a server to try it against, in another terminal
//   gharial run SCRIPT
import { check } from 'k6';
import { Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';

const url = __ENV.URL || 'ws://127.0.0.1:9001/';
const answerTime = new Trend('answer_time', true);

/** @type {import('k6/options').Options} */
export const options = {
  vus: 10,
  duration: '10s',
  noDataThresholds: 'fail',
  thresholds: {
    checks: ['rate>0.99'],
    answer_time: ['p(95)<200'],
  },
};

export default function () {
  const socket = new WebSocket(url);
  let sentAt;

  socket.onopen = () => {
    sentAt = Date.now();
    socket.send('hello');
  };

  socket.onmessage = ({ data }) => {
    answerTime.add(Date.now() - sentAt);
    check(data, { 'the echo is right': (text) => text === 'hello' });
    socket.close();
  };

  socket.onerror = ({ error }) => console.error(error);
}
