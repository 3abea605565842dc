/**
 * Holds events back to a rate that a page can show and a person can follow. Pure but for the clock that is passed in.
 */

/** Beyond, the page stops reading, and the Worker leaves messages out and counts them. */
const MAX_EVENTS_PER_SECOND = 1_000;

/** What may come at once after a pause. */
const BURST_MS = 1_000;

/** Says how many milliseconds to wait after `events` more were taken. */
export type RateLimiter = (events: number, nowMs: number) => number;

export const createRateLimiter = (): RateLimiter => {
  let paidUntilMs = Number.NEGATIVE_INFINITY;
  return (events, nowMs) => {
    paidUntilMs = Math.max(paidUntilMs, nowMs - BURST_MS) + (events / MAX_EVENTS_PER_SECOND) * 1_000;
    return Math.max(0, paidUntilMs - nowMs);
  };
};
