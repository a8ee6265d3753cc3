// The module `k6/websockets`.
const gharial = globalThis[Symbol.for('gharial')];
export const { WebSocket } = gharial;
export const { Blob } = globalThis;
export default { WebSocket, Blob };
