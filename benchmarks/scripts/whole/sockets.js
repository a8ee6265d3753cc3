// One user holds many sockets; a hundred at a time are being opened.
import { WebSocket } from 'k6/experimental/websockets';
export const options = { vus: 1, iterations: 1 };
export default function () {
  const sockets = [];
  const wanted = Number(__ENV.SOCKETS);
  let opened = 0;
  const open = () => {
    const socket = new WebSocket(__ENV.URL);
    sockets.push(socket);
    socket.onopen = () => {
      opened += 1;
      if (sockets.length < wanted) open();
      else if (opened === wanted) setTimeout(() => sockets.forEach((each) => each.close()), 1000);
    };
  };
  for (let count = 0; count < Math.min(100, wanted); count += 1) open();
}
