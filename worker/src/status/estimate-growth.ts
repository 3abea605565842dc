/** Estimates how fast the store grows, and when its disks are full. Pure. */
import { HIGH_WATERMARK_SHARE } from "#contract/api/status-limits.ts";
import { MAX_PERIOD_DAYS, parseIndexPeriod } from "#contract/store/index-period.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { RETENTION_CLASSES_DAYS } from "#contract/wire/limits.ts";
import { expiryOf, type Disk, type StoredIndex } from "../retention/plan-retention.ts";

const WINDOW_DAYS = 7;

/** The size of the part of an index whose logs are from the time after `fromMs`, if they are distributed evenly. */
const bytesSince = ({ name, bytes }: StoredIndex, fromMs: number, nowMs: number): number => {
  const period = parseIndexPeriod(name);
  if (period === undefined || period.startMs >= nowMs) return 0;
  const endMs = Math.min(period.endMs, nowMs);
  const overlapMs = endMs - Math.max(period.startMs, fromMs);
  return overlapMs <= 0 ? 0 : (bytes * overlapMs) / (endMs - period.startMs);
};

/** Start of the time whose logs are counted: 7 days ago, or the first index if that is later. `undefined` without indices. */
const startOfWindow = (indices: readonly StoredIndex[], nowMs: number): number | undefined => {
  const starts = indices.flatMap(({ name }) => parseIndexPeriod(name)?.startMs ?? []);
  return starts.length === 0 ? undefined : Math.max(nowMs - WINDOW_DAYS * DAY_MS, Math.min(...starts));
};

/** Bytes per day in an index since `fromMs`. */
const toBytesPerDay = (index: StoredIndex, fromMs: number, nowMs: number): number =>
  bytesSince(index, fromMs, nowMs) / Math.max((nowMs - fromMs) / DAY_MS, 1 / 24);

/** Bytes on disk per day in the last 7 days, or since the first index if that is later. 0 without indices. */
export const estimateBytesPerDay = (indices: readonly StoredIndex[], nowMs: number): number => {
  const fromMs = startOfWindow(indices, nowMs);
  return fromMs === undefined ? 0 : indices.reduce((sum, index) => sum + toBytesPerDay(index, fromMs, nowMs), 0);
};

/** When the last index of today has expired: nothing changes afterwards if each day brings the same. */
const HORIZON_DAYS = Math.max(...RETENTION_CLASSES_DAYS) + MAX_PERIOD_DAYS.month;

/**
 * Returns how many bytes there will be more than now after a number of days: those of new logs, minus those of indices that expire.
 * New logs expire, too. Logs on hold count as if they expired.
 */
const createForecast = (indices: readonly StoredIndex[], nowMs: number): ((days: number) => number) => {
  const fromMs = startOfWindow(indices, nowMs) ?? nowMs;
  const known = indices.flatMap((index) => {
    const period = parseIndexPeriod(index.name);
    if (period === undefined) return [];
    // A log is deleted with the last log of its index.
    const storedDays = period.retentionDays + MAX_PERIOD_DAYS[period.unit];
    const bytesPerDay = toBytesPerDay(index, fromMs, nowMs);
    return [{ bytes: index.bytes, bytesPerDay, storedDays, expiryMs: expiryOf(index.name) ?? Infinity }];
  });
  return (days) =>
    known.reduce((sum, { bytes, bytesPerDay, storedDays, expiryMs }) => {
      const expired = expiryMs <= nowMs + days * DAY_MS ? bytes : 0;
      return sum + bytesPerDay * Math.min(days, storedDays) - expired;
    }, 0);
};

/**
 * Days until the first disk reaches the high watermark, if nothing is deleted before its retention ends. New bytes are distributed over all
 * disks. `undefined` if that is not expected, or there are no disks.
 */
export const estimateDaysLeft = (
  disks: readonly Disk[],
  indices: readonly StoredIndex[],
  nowMs: number,
): number | undefined => {
  if (disks.length === 0) return undefined;
  const free = disks.map(({ usedBytes, totalBytes }) => HIGH_WATERMARK_SHARE * totalBytes - usedBytes);
  const freeBytes = Math.min(...free) * disks.length;
  if (freeBytes <= 0) return 0;
  const forecast = createForecast(indices, nowMs);
  for (let day = 1; day <= HORIZON_DAYS; day += 1) {
    const [before, after] = [forecast(day - 1), forecast(day)];
    if (after >= freeBytes) return day - 1 + (freeBytes - before) / (after - before);
  }
  return undefined;
};
