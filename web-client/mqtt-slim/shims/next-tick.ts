/**
 * Replaces `process.nextTick` and `process-nextick-args` by a microtask. A timer would wait 4 ms, and in a hidden tab a second.
 */
export const nextTick = <Args extends readonly unknown[]>(task: (...args: Args) => void, ...args: Args): void =>
  queueMicrotask(() => task(...args));

/** Replaces the global `process`. It has no `versions`, in which mqtt.js looks for Electron. */
const process = { nextTick };

export { process as default, process as "module.exports" };
