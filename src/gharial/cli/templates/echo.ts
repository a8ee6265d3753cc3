// Each virtual user sends a message, checks that it comes back, and closes.
//
//   gharial serve echo          a server to try it against, in another terminal
//   gharial run SCRIPT
import { check } from 'k6';
import { Trend } from 'k6/metrics';
import type { Options } from 'k6/options';
import { WebSocket } from 'k6/websockets';

const url: string = __ENV.URL || 'ws://127.0.0.1:9001/';
const answerTime = new Trend('answer_time', true);

export const options: Options = {
  vus: 10,
  duration: '10s',
  noDataThresholds: 'fail',
  thresholds: {
    checks: ['rate>0.99'],
    answer_time: ['p(95)<200'],
  },
};

export default function (): void {
  const socket = new WebSocket(url);
  let sentAt = 0;

  socket.onopen = (): void => {
    sentAt = Date.now();
    socket.send('hello');
  };

  socket.onmessage = ({ data }: { data: string }): void => {
    answerTime.add(Date.now() - sentAt);
    check(data, { 'the echo is right': (text: string) => text === 'hello' });
    socket.close();
  };

  socket.onerror = ({ error }: { error: string }): void => console.error(error);
}
