// What every server here does: it listens on the port that it is given, and says what it heard.
import { createServer } from 'node:http';

/** Listens; the program that started us reads where. */
export function listen(server = createServer()) {
  server.listen(Number(process.argv[2]), '127.0.0.1', () => {
    console.log(`LISTENING ${server.address().port}`);
  });
  return server;
}

/** Says that a user's text arrived. */
export function heard(text) {
  console.log(`HEARD ${text}`);
}
