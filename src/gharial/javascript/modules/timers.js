// The modules `k6/timers` and `k6/experimental/timers`: the globals, by name.
export const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
export default { setTimeout, setInterval, clearTimeout, clearInterval };
