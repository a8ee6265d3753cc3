// Opens sockets, or none, and stays.
import { WebSocket } from 'k6/websockets';

export default function () {
  for (let i = 0; i < Number(__ENV.SOCKETS); i++) new WebSocket(__ENV.URL);
  setInterval(() => {}, 3600e3);
}
