// The module `k6/experimental/websockets`: binary data arrives as ArrayBuffer unless the
// script says else, since its scripts were written before there was a Blob.
const gharial = globalThis[Symbol.for('gharial')];

const classes = {
  WebSocket: class WebSocket extends gharial.WebSocket {
    constructor(...constructorArguments) {
      super(...constructorArguments);
      this.binaryType = 'arraybuffer';
    }

    // `instanceof` holds for sockets of either module, with either module's class.
    static [Symbol.hasInstance](value) {
      return value instanceof gharial.WebSocket;
    }
  },
};

export const WebSocket = gharial.callable?.(classes.WebSocket) ?? classes.WebSocket;
// Loaded only where a script names it.
export const Blob = 'Blob' in gharial.lazyGlobals
  ? gharial.callable?.(globalThis.Blob) ?? globalThis.Blob : undefined;
export default { WebSocket, Blob };
