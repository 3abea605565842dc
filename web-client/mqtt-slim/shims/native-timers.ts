/**
 * `worker-timers` without its Worker, which comes from a blob: URL that a strict Content-Security-Policy forbids.
 * mqtt.js calls these as methods of an object of its own, which the page's timers do not allow.
 */
export const setInterval = (task: () => void, periodMs: number): ReturnType<typeof globalThis.setInterval> =>
  globalThis.setInterval(task, periodMs);

export const clearInterval = (timer: ReturnType<typeof globalThis.setInterval>): void =>
  globalThis.clearInterval(timer);
