import { WebSocket } from 'k6/experimental/websockets';
const vus = Number(__ENV.USERS);
export const options = { scenarios: { all: { executor: 'per-vu-iterations', vus } } };
export default function () {
  const socket = new WebSocket(__ENV.URL);
  let left = Number(__ENV.ROUNDS);
  socket.onopen = () => socket.send('x'.repeat(32));
  socket.onmessage = ({ data }) => {
    left -= 1;
    if (left > 0) socket.send(data);
    else socket.close();
  };
}
