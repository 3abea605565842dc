/**
 * Limits how many events a capture logs: a few equal ones, and a fixed number in total, per time window. The rest is
 * counted and logged as one event at the end of the window, or when the page goes away. In a loop a call costs one map
 * lookup.
 */
import type { Logger } from "../logger.ts";
import { listen, startTimer } from "../platform.ts";

const MAX_EQUAL = 5;
const MAX_TOTAL = 50;
const WINDOW_MS = 10_000;

/** Whether an event may be logged. Events with the same `key` are equal. Noise is neither logged nor counted. */
export type FloodLimit = (key: string, isNoise?: () => boolean) => boolean;

/** `what` names the suppressed events in the log: `12 more errors`. */
export const createFloodLimit = (logger: Logger, what: string): FloodLimit => {
  const seen = new Map<string, number>();
  let logged = 0;
  let suppressed = 0;
  const endWindow = (): void => {
    if (suppressed) logger.warn(`${suppressed} more ${what}`, { "edgelog.repeated": suppressed });
    seen.clear();
    logged = suppressed = 0;
  };
  listen(["pagehide"], endWindow);
  return (key, isNoise) => {
    const count = seen.get(key) ?? 0;
    if (count >= MAX_EQUAL || logged >= MAX_TOTAL) {
      if (count <= MAX_EQUAL) suppressed++;
      return false;
    }
    if (!logged) startTimer(endWindow, WINDOW_MS);
    logged++;
    // Called once for equal events, because reading `error.stack` is expensive.
    const noise = isNoise?.();
    seen.set(key, noise ? MAX_EQUAL + 1 : count + 1);
    return !noise;
  };
};
