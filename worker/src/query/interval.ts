/**
 * Intervals of a histogram that are easy to read, and the buckets of a time range.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";

const ROUND_INTERVALS_MS = [
  ...[1, 5, 10, 30].map((n) => n * SECOND_MS),
  ...[1, 5, 10, 30].map((n) => n * MINUTE_MS),
  ...[1, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 7, 30, 365].map((n) => n * DAY_MS),
];

/** The shortest round interval that divides the range into at most `maxBuckets` buckets. */
export const chooseIntervalMs = (fromMs: number, toMs: number, maxBuckets: number): number => {
  const fits = (intervalMs: number): boolean =>
    Math.floor((toMs - 1) / intervalMs) - Math.floor(fromMs / intervalMs) + 1 <= maxBuckets;
  return ROUND_INTERVALS_MS.find(fits) ?? Math.ceil((toMs - fromMs) / maxBuckets / DAY_MS + 1) * DAY_MS;
};

/** Start times of all buckets that overlap the range, in milliseconds since 1970: multiples of the interval. */
export const toBucketTimes = (fromMs: number, toMs: number, intervalMs: number): number[] => {
  const first = Math.floor(fromMs / intervalMs) * intervalMs;
  const count = Math.max(Math.ceil((toMs - first) / intervalMs), 1);
  return Array.from({ length: count }, (_, i) => first + i * intervalMs);
};
