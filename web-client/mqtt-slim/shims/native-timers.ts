/**
 * Replaces `worker-timers`, whose Worker has a blob: URL that a strict Content-Security-Policy blocks.
 * mqtt.js calls these functions as methods of an object, which browsers do not allow for their timers.
 */
export const setInterval = (task: () => void, periodMs: number): ReturnType<typeof globalThis.setInterval> =>
  globalThis.setInterval(task, periodMs);

export const clearInterval = (timer: ReturnType<typeof globalThis.setInterval>): void =>
  globalThis.clearInterval(timer);
