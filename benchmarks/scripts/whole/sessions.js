import { WebSocket } from 'k6/experimental/websockets';
import exec from 'k6/execution';
export const options = {
  scenarios: {
    all: {
      executor: 'shared-iterations',
      vus: Number(__ENV.USERS),
      iterations: Number(__ENV.SESSIONS),
    },
  },
};
export default function () {
  const own = __ENV.OWN_URLS ? `/${exec.scenario.iterationInTest}` : '';
  const socket = new WebSocket(__ENV.URL + own);
  socket.onopen = () => socket.close();
}
