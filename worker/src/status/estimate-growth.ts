/** Estimates how fast the store grows, and when its disks are full. Pure. */
import { HIGH_WATERMARK_SHARE } from "#contract/api/status-limits.ts";
import { parseIndexPeriod } from "#contract/store/index-period.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import type { Disk, StoredIndex } from "../retention/plan-retention.ts";

const WINDOW_DAYS = 7;

/** The size of the part of an index whose logs are from the time after `fromMs`, if they are distributed evenly. */
const bytesSince = ({ name, bytes }: StoredIndex, fromMs: number, nowMs: number): number => {
  const period = parseIndexPeriod(name);
  if (period === undefined || period.startMs >= nowMs) return 0;
  const endMs = Math.min(period.endMs, nowMs);
  const overlapMs = endMs - Math.max(period.startMs, fromMs);
  return overlapMs <= 0 ? 0 : (bytes * overlapMs) / (endMs - period.startMs);
};

/** Bytes on disk per day in the last 7 days, or since the first index if that is later. 0 without indices. */
export const estimateBytesPerDay = (indices: readonly StoredIndex[], nowMs: number): number => {
  const starts = indices.flatMap(({ name }) => parseIndexPeriod(name)?.startMs ?? []);
  if (starts.length === 0) return 0;
  const fromMs = Math.max(nowMs - WINDOW_DAYS * DAY_MS, Math.min(...starts));
  const bytes = indices.reduce((sum, index) => sum + bytesSince(index, fromMs, nowMs), 0);
  return bytes / Math.max((nowMs - fromMs) / DAY_MS, 1 / 24);
};

/**
 * Days until the first disk reaches the high watermark, if nothing is deleted. New bytes are distributed over all disks. `undefined` if
 * nothing grows or there are no disks.
 */
export const estimateDaysLeft = (disks: readonly Disk[], bytesPerDay: number): number | undefined => {
  if (disks.length === 0 || bytesPerDay <= 0) return undefined;
  const free = disks.map(({ usedBytes, totalBytes }) => Math.max(HIGH_WATERMARK_SHARE * totalBytes - usedBytes, 0));
  return (Math.min(...free) * disks.length) / bytesPerDay;
};
