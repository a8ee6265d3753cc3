// Opens a socket and closes it, again and again.
import { WebSocket } from 'k6/websockets';

export default function () {
  const connect = () => {
    const socket = new WebSocket(__ENV.URL);
    socket.onopen = () => socket.close();
    socket.onclose = connect;
  };
  connect();
}
