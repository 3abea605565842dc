/**
 * Intervals that people read well, and the buckets of a time range.
 */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const ROUND_INTERVALS_MS = [
  ...[1, 5, 10, 30].map((n) => n * SECOND_MS),
  ...[1, 5, 10, 30].map((n) => n * MINUTE_MS),
  ...[1, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 7, 30, 365].map((n) => n * DAY_MS),
];

/** The shortest round interval that cuts the range into `most` buckets or fewer. */
export const chooseIntervalMs = (fromMs: number, toMs: number, most: number): number => {
  const fits = (intervalMs: number): boolean =>
    Math.floor((toMs - 1) / intervalMs) - Math.floor(fromMs / intervalMs) + 1 <= most;
  return ROUND_INTERVALS_MS.find(fits) ?? Math.ceil((toMs - fromMs) / most / DAY_MS + 1) * DAY_MS;
};

/** Starts of all buckets that touch the range; they are whole multiples of the interval since 1970. */
export const toBucketTimes = (fromMs: number, toMs: number, intervalMs: number): number[] => {
  const first = Math.floor(fromMs / intervalMs) * intervalMs;
  const count = Math.max(Math.ceil((toMs - first) / intervalMs), 1);
  return Array.from({ length: count }, (_, i) => first + i * intervalMs);
};
