// Each user holds its socket until all of them must be there.
import { WebSocket } from 'k6/experimental/websockets';
const vus = Number(__ENV.USERS);
export const options = { scenarios: { all: { executor: 'per-vu-iterations', vus } } };
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => setTimeout(() => socket.close(), 1000 * Number(__ENV.SECONDS));
}
