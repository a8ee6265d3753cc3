// The module `k6/websockets`.
const gharial = globalThis[Symbol.for('gharial')];
export const { WebSocket } = gharial;
// Loaded only where a script names it.
export const Blob = 'Blob' in gharial.lazyGlobals ? globalThis.Blob : undefined;
export default { WebSocket, Blob };
