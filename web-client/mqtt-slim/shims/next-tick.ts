/**
 * `process.nextTick` and `process-nextick-args`: a microtask. A timer would wait 4 ms, and in a hidden tab a second.
 */
export const nextTick = <Args extends readonly unknown[]>(task: (...args: Args) => void, ...args: Args): void =>
  queueMicrotask(() => task(...args));

/** No `versions`: mqtt.js asks for Electron's. */
const process = { nextTick };

export { process as default, process as "module.exports" };
