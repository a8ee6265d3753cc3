// The module `k6/websockets`.
const gharial = globalThis[Symbol.for('gharial')];
export const WebSocket = gharial.callable?.(gharial.WebSocket) ?? gharial.WebSocket;
// Loaded only where a script names it.
export const Blob = 'Blob' in gharial.lazyGlobals
  ? gharial.callable?.(globalThis.Blob) ?? globalThis.Blob : undefined;
export default { WebSocket, Blob };
