/**
 * Whether `sinceMs` is less than `maxMs` ago. A time in the future is not: the clock was set back, and what was stored before would
 * otherwise stay valid until the clock arrives there again.
 */
export const isYounger = (nowMs: number, sinceMs: number, maxMs: number): boolean => {
  const ageMs = nowMs - sinceMs;
  return ageMs >= 0 && ageMs < maxMs;
};
