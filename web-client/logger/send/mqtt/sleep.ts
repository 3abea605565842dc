/**
 * Waits that can be cut short: by good news (`wake`) or for good (`stop`).
 */

/** A sleeper with an alarm clock. */
export interface Nap {
  /** Resolves after `ms`, or sooner when woken. */
  sleep(ms: number): Promise<void>;
  wake(): void;
  /** Wakes everybody; from now on nobody sleeps. */
  stop(): void;
}

/** Creates one; all its sleepers wake together. */
export const createNap = (): Nap => {
  const sleepers = new Set<() => void>();
  let isStopped = false;
  const wake = (): void => {
    for (const rise of sleepers) rise();
  };
  return {
    sleep: (ms) =>
      new Promise((resolve) => {
        if (isStopped) {
          resolve();
          return;
        }
        const rise = (): void => {
          clearTimeout(timer);
          sleepers.delete(rise);
          resolve();
        };
        const timer = setTimeout(rise, ms);
        sleepers.add(rise);
      }),
    wake,
    stop() {
      isStopped = true;
      wake();
    },
  };
};
