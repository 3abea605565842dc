/** Limits live events to the rate that a page can show. Pure: the time is passed in. */

/** Above this rate the page pauses reading; the Worker then skips messages and counts them. */
const MAX_EVENTS_PER_SECOND = 1_000;

/** Length of a burst that is allowed after a quiet period. */
const BURST_MS = 1_000;

/** Returns how many milliseconds to wait after `events` more events were read. */
export type RateLimiter = (events: number, nowMs: number) => number;

export const createRateLimiter = (): RateLimiter => {
  let budgetUsedUntilMs = Number.NEGATIVE_INFINITY;
  return (events, nowMs) => {
    budgetUsedUntilMs = Math.max(budgetUsedUntilMs, nowMs - BURST_MS) + (events / MAX_EVENTS_PER_SECOND) * 1_000;
    return Math.max(0, budgetUsedUntilMs - nowMs);
  };
};
