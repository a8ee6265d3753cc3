// Measures how long each answer takes, with a custom trend and a threshold, and
// groups the results.
import { WebSocket } from 'k6/websockets';
import { check, group } from 'k6';
import { Rate, Trend } from 'k6/metrics';

/** @type {import('k6/options').Options} */
export const options = {
  vus: 4,
  iterations: 8,
  noDataThresholds: 'fail',
  thresholds: { answer_time: ['p(95)<1000'], answered: ['rate>0.99'] },
};

const url = __ENV.URL || 'ws://127.0.0.1:9001/';
const answerTime = new Trend('answer_time', true);
const answered = new Rate('answered');
const questions = ['one', 'two', 'three'];

export default function () {
  group('asking', () => {
    const socket = new WebSocket(url);
    let asked = 0;
    let askedAt = 0;

    const ask = () => {
      askedAt = Date.now();
      socket.send(questions[asked]);
    };

    socket.onopen = ask;
    socket.onmessage = ({ data, timestamp }) => {
      answerTime.add(timestamp - askedAt, { question: questions[asked] });
      answered.add(check(data, { 'is what was asked': (text) => text === questions[asked] }));
      asked += 1;
      if (asked < questions.length) ask();
      else socket.close();
    };
  });
}
