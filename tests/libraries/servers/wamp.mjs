import { createRequire } from 'node:module';
import { heard, listen } from './common.mjs';

const Router = createRequire(import.meta.url)('fox-wamp');

const router = new Router();
const api = (await router.getRealm('realm1')).wampApi();
await api.register('say', (call, [name, text]) => {
  heard(text);
  api.publish(name, [text]);
  api.resrpc(call, null, []);
});
router.listenWAMP({ server: listen(), path: '/wamp' });
