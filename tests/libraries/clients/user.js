// What every virtual user does, whatever its library: it connects, subscribes, exchanges five
// messages, waits until the server was killed and started again, exchanges five more, ends.
import { Counter } from 'k6/metrics';

const LIMIT_MS = 60_000;
const MESSAGES = 5;
const connections = new Counter('library_connections');
const messages = new Counter('library_messages');
const ends = new Counter('library_ends');

/** Awaits a promise, but not for ever. */
async function within(promise, what) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took too long`)), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a virtual user has got from its library. */
class Inbox {
  #connected = 0;
  #heard = [];
  #check = () => {};

  /** The library is connected, and subscribed to what it listens to. */
  connected = () => {
    this.#connected++;
    connections.add(1);
    this.#check();
  };

  /** A message of this user has come back. */
  heard = (text) => {
    this.#heard.push(text);
    messages.add(1);
    this.#check();
  };

  /** For servers that answer a subscription with an empty text before any other. */
  readyOr = (text) => (text === '' ? this.connected() : this.heard(text));

  connectedTimes(count) {
    return this.#until(() => this.#connected >= count, `connection ${count}`);
  }

  /** Awaits a text as the latest of `count`. */
  async next(text, count) {
    await this.#until(() => this.#heard.length >= count, `message "${text}"`);
    if (this.#heard.length !== count || this.#heard.at(-1) !== text) {
      throw new Error(`expected "${text}" as message ${count}, got: ${this.#heard}`);
    }
  }

  async #until(isTrue, what) {
    const { promise, resolve } = Promise.withResolvers();
    this.#check = () => isTrue() && resolve();
    this.#check();
    await within(promise, what);
    this.#check = () => {};
  }
}

async function talk(session, inbox, name, first) {
  for (let number = first; number < first + MESSAGES; number++) {
    const text = `${name}-${number}`;
    await session.send(text);
    await inbox.next(text, number);
  }
}

/**
 * Returns the function of a virtual user.
 *
 * @param open Connects to an address and returns `send(text)`, `close()`, and
 *   `reconnects: false` for a library that leaves that to its users.
 */
export function asUser(open) {
  return async () => {
    try {
      await live(open);
    } catch (error) {
      console.log('failed');
      throw error;
    }
  };
}

async function live(open) {
  const { ADDRESS, BARRIER } = __ENV;
  const name = `user${__VU}`;
  const inbox = new Inbox();
  let session = await within(open(ADDRESS, name, inbox), 'open');
  await inbox.connectedTimes(1);
  if (!BARRIER) {
    console.log('connected');
    await new Promise(() => setInterval(() => session, LIMIT_MS));
  }
  await talk(session, inbox, name, 1);
  const response = await fetch(BARRIER);
  if (response.status !== 204) throw new Error(`the barrier: ${response.status}`);
  if (session.reconnects === false) {
    session = await within(open(ADDRESS, name, inbox), 'open again');
  }
  await inbox.connectedTimes(2);
  await talk(session, inbox, name, 1 + MESSAGES);
  await within(session.close(), 'close');
  ends.add(1);
}
