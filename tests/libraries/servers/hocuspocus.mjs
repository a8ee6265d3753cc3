import { Server } from '@hocuspocus/server';
import { heard } from './common.mjs';

const server = new Server({
  address: '127.0.0.1',
  port: Number(process.argv[2]),
  quiet: true,
  stopOnSignals: false,
  async afterLoadDocument({ document }) {
    const asked = document.getMap('asked');
    const answers = document.getMap('answers');
    asked.observe(() => {
      if (answers.get('text') === asked.get('text')) return;
      heard(asked.get('text'));
      answers.set('text', asked.get('text'));
    });
  },
});
await server.listen();
console.log(`LISTENING ${server.address.port}`);
