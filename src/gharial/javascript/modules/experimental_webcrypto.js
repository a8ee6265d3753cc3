// The module `k6/experimental/webcrypto`: what the global of the same name is.
export const crypto = globalThis.crypto;
export default { crypto };
