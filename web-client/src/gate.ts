/**
 * Keeps captures from flooding: of what is the same a few are logged, of all together a bounded number, and the rest is
 * counted and told later in one log.
 */
import type { Logger } from "./logger.ts";

const MAX_SAME = 5;
const MAX_KINDS = 20;
const WINDOW_MS = 10_000;

/** Returns what says whether something may be logged; `key` is what makes it the same. */
export const createGate = (logger: Logger, what: string): ((key: string) => unknown) => {
  const seen = new Map<string, number>();
  let held = 0;
  return (key) => {
    if (!seen.size) {
      setTimeout(() => {
        if (held) logger.warn(`${held} more ${what}`, { "edgelog.repeated": held });
        held = 0;
        seen.clear();
      }, WINDOW_MS);
    }
    const count = seen.get(key) ?? 0;
    if (count < MAX_SAME && seen.size <= MAX_KINDS) return seen.set(key, count + 1);
    held += 1;
    return undefined;
  };
};
