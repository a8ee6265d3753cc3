// MessageChannel, MessagePort and BroadcastChannel: between parts of one virtual user.
//
// Leaves in `gharial`: isMessagePort, followerOf. Source: HTML, sections 9.4 and 9.5.
(function (gharial) {
  'use strict';
  const KEY = {};
  const { STATE, CHANGED, messagePrototype } = gharial.eventCore;
  gharial.load('event_classes');
  gharial.load('structured_clone');

  // Each message is a task of its own, which keeps the iteration from ending.
  const inTurn = (action) => {
    const problem = gharial.host.setTimer(action, 0, false, null);
    if (typeof problem === 'string') throw new RangeError(problem);
  };

  const messageEvent = (data, ports) => ({
    __proto__: messagePrototype,
    [STATE]: [
      $KIND_MESSAGE, 'message', gharial.host.nowMs(), $BY_PLATFORM, null, null,
      data, '', '', null, Object.freeze(ports),
    ],
  });

  // What a port knows, whoever holds it: it goes along when the port is transferred.
  class Inner {
    face = null;
    other = null;
    isStarted = false;
    queue = [];

    start() {
      this.isStarted = true;
      for (let count = this.queue.length; count > 0; count--) inTurn(this.#deliver);
    }

    accept(message) {
      this.queue.push(message);
      if (this.isStarted) inTurn(this.#deliver);
    }

    // One message a turn; none if the port was transferred or closed meanwhile.
    #deliver = () => {
      if (this.isStarted && this.queue.length > 0) {
        gharial.fire(this.face, messageEvent(...this.queue.shift()));
      }
    };
  }

  class MessagePort extends gharial.EventTarget {
    // Null once it was transferred.
    #inner;

    constructor(...made) {
      if (made[0] !== KEY) throw new TypeError('Illegal constructor');
      super();
      this.#inner = made[1];
      if (made[1] !== null) made[1].face = this;
    }

    postMessage(message, options = undefined) {
      gharial.required(1, arguments.length, "'postMessage' on 'MessagePort'");
      const inner = this.#inner;
      const isList = typeof options?.[Symbol.iterator] === 'function';
      const transfer = isList ? [...options] : options?.transfer ?? [];
      if (transfer.includes(this)) {
        throw gharial.domException('A port cannot be sent through itself.', 'DataCloneError');
      }
      const { copy, ports } = gharial.cloneWithTransfer(message, transfer);
      inner?.other?.accept([copy, ports]);
    }

    start() {
      const inner = this.#inner;
      if (inner !== null && !inner.isStarted) inner.start();
    }

    // The other port is told, after what was sent to it.
    close() {
      const inner = this.#inner;
      const other = inner?.other;
      if (!other) return;
      inner.other = other.other = null;
      inner.isStarted = false;
      inner.queue = [];
      inTurn(() => {
        gharial.fire(other.face, gharial.plainEvent('close', gharial.host.nowMs()));
      });
    }

    static {
      gharial.isMessagePort = (value) =>
        typeof value === 'object' && value !== null && #inner in value;
      // Returns a port that takes the place of this one once `move` is called; null if
      // another one did already.
      gharial.followerOf = (port) => {
        const inner = port.#inner;
        if (inner === null) return null;
        const follower = new MessagePort(KEY, null);
        return {
          follower,
          move() {
            port.#inner = null;
            follower.#inner = inner;
            inner.face = follower;
            inner.isStarted = false;
          },
        };
      };
    }
  }

  gharial.defineHandlers(MessagePort, ['message', 'messageerror', 'close']);
  // The first `onmessage` starts a port.
  const handler = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...handler,
    set: Object.getOwnPropertyDescriptor({
      set onmessage(value) {
        handler.set.call(this, value);
        this.start();
      },
    }, 'onmessage').set,
  });

  class MessageChannel {
    #ports;

    constructor() {
      const [one, other] = [new Inner(), new Inner()];
      one.other = other;
      other.other = one;
      this.#ports = [new MessagePort(KEY, one), new MessagePort(KEY, other)];
    }

    get port1() {
      return this.#ports[0];
    }

    get port2() {
      return this.#ports[1];
    }
  }

  // Name -> channels that are open. Those that nobody listens to are held weakly: a script
  // may forget to close them.
  const channels = new Map();
  const heard = new Set();

  const openOnes = (name) => {
    const list = (channels.get(name) ?? []).filter((reference) => reference.deref() !== undefined);
    if (list.length > 0) channels.set(name, list);
    else channels.delete(name);
    return list.map((reference) => reference.deref());
  };

  class BroadcastChannel extends gharial.EventTarget {
    #name;
    #isClosed = false;

    constructor(name) {
      gharial.required(1, arguments.length, "'BroadcastChannel' constructor");
      super();
      this.#name = `${name}`;
      openOnes(this.#name);
      channels.set(this.#name, [...channels.get(this.#name) ?? [], new WeakRef(this)]);
    }

    get name() {
      return this.#name;
    }

    postMessage(message) {
      gharial.required(1, arguments.length, "'postMessage' on 'BroadcastChannel'");
      if (this.#isClosed) {
        throw gharial.domException('The channel is closed.', 'InvalidStateError');
      }
      const { copy } = gharial.cloneWithTransfer(message, []);
      for (const channel of openOnes(this.#name)) {
        if (channel === this) continue;
        inTurn(() => {
          if (channel.#isClosed) return;
          const { copy: own } = gharial.cloneWithTransfer(copy, []);
          gharial.fire(channel, messageEvent(own, []));
        });
      }
    }

    close() {
      this.#isClosed = true;
      heard.delete(this);
      const list = (channels.get(this.#name) ?? []).filter(
        (reference) => reference.deref() !== this);
      if (list.length > 0) channels.set(this.#name, list);
      else channels.delete(this.#name);
    }

    [CHANGED](type, listeners) {
      if (type !== 'message' || this.#isClosed) return;
      if (listeners === undefined) heard.delete(this);
      else heard.add(this);
    }
  }

  gharial.defineHandlers(BroadcastChannel, ['message', 'messageerror']);
  gharial.expose(MessagePort);
  gharial.expose(MessageChannel);
  gharial.expose(BroadcastChannel);
})
