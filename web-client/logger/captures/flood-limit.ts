/**
 * Keeps captures from flooding: of what is the same a few are logged, of all together a bounded number, and the rest is
 * counted and told in one log, after a while or when the page goes. In a loop a call costs one look into a map.
 */
import type { Logger } from "../logger.ts";
import { listen } from "../platform.ts";

const MAX_SAME = 5;
const MAX_ALL = 50;
const WINDOW_MS = 10_000;

/** Whether something may be logged; `key` is what makes it the same. Noise is neither logged nor counted. */
export type Gate = (key: string, isNoise?: () => boolean) => boolean;

/** Creates a gate that lets everything through at first; `what` is what it counts. */
export const createGate = (logger: Logger, what: string): Gate => {
  const seen = new Map<string, number>();
  let taken = 0;
  let held = 0;
  const close = (): void => {
    if (held) logger.warn(`${held} more ${what}`, { "edgelog.repeated": held });
    seen.clear();
    taken = held = 0;
  };
  listen(["pagehide"], close);
  return (key, isNoise) => {
    const count = seen.get(key) ?? 0;
    if (count >= MAX_SAME || taken >= MAX_ALL) {
      if (count < Infinity) held++;
      return false;
    }
    if (!taken) setTimeout(close, WINDOW_MS);
    taken++;
    // Asked once for what is the same: a look at an error's stack is dear.
    const noise = isNoise?.();
    seen.set(key, noise ? Infinity : count + 1);
    return !noise;
  };
};
