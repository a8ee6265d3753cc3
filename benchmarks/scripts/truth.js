// Sends at a fixed rate and times each answer: on the wire, and in the handler.
import { Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';

const wire = new Trend('answer_wire', true);
const handler = new Trend('answer_handler', true);
const count = Number(__ENV.COUNT);
const interval = Number(__ENV.INTERVAL_MS);

export default function () {
  const socket = new WebSocket(__ENV.URL);
  const isPing = __ENV.KIND === 'ping';
  const sent = new Map();
  let started = 0;
  let answered = 0;

  const send = () => {
    started += 1;
    if (started >= count) clearInterval(timer);
    if (isPing) {
      socket.ping();
    } else {
      const id = String(started);
      sent.set(id, performance.now());
      socket.send(id);
    }
  };
  const answer = () => {
    answered += 1;
    if (answered === count) socket.close();
  };
  let timer;
  socket.onopen = () => {
    setTimeout(() => { timer = setInterval(send, interval); }, 500 + Math.random() * interval);
  };
  socket.onmessage = (event) => {
    const now = performance.now();
    const at = sent.get(event.data);
    sent.delete(event.data);
    // The time of day at which the bytes came in; `at` is on the same clock.
    wire.add(event.timestamp - performance.timeOrigin - at);
    handler.add(now - at);
    answer();
  };
  socket.onpong = answer;
}
