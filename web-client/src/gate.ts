/**
 * Keeps captures from flooding: of what is the same a few are logged, of all together a bounded number, and the rest is
 * counted and told later in one log.
 */
import type { Logger } from "./logger.ts";

const MAX_SAME = 5;
const MAX_ALL = 50;
const WINDOW_MS = 10_000;

/** Returns what says whether something may be logged; `key` is what makes it the same. */
export const createGate = (logger: Logger, what: string): ((key: string) => boolean) => {
  const seen = new Map<string, number>();
  let total = 0;
  let held = 0;
  const close = (): void => {
    if (held) logger.warn(`${held} more ${what} were not logged one by one`, { "edgelog.repeated": held });
    seen.clear();
    total = held = 0;
  };
  return (key) => {
    if (!total) setTimeout(close, WINDOW_MS);
    total += 1;
    const count = (seen.get(key) ?? 0) + 1;
    if (count <= MAX_SAME && total - held <= MAX_ALL) {
      seen.set(key, count);
      return true;
    }
    held += 1;
    return false;
  };
};
