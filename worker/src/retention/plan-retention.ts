/**
 * Decides which indices retention deletes. Pure. Also used by `npm run retention`, outside of the Worker.
 */
import type { DeleteReason } from "#contract/store/retention.ts";
import { parseIndexPeriod } from "#contract/store/index-period.ts";
import { DAY_MS } from "#contract/wire/durations.ts";

/** An index of logs or rejected events. */
export interface StoredIndex {
  readonly name: string;
  readonly documents: number;
  /** Size on disk of all copies. */
  readonly bytes: number;
  /** Documents that are deleted and still in the files: OpenSearch removes them when it merges these. Absent: none. */
  readonly deletedDocuments?: number;
  /** Documents of apps on hold, which are not deleted. Absent: none. */
  readonly heldDocuments?: number;
}

/** A disk with data of OpenSearch. */
export interface Disk {
  readonly usedBytes: number;
  readonly totalBytes: number;
}

/** Limits above which indices are deleted before their retention ends. Absent: no limit. */
export interface SizeLimits {
  readonly maxBytes?: number;
  /** Of each disk, from 0 to 1. */
  readonly maxDiskShare?: number;
}

export interface PlannedDeletion extends StoredIndex {
  readonly reason: DeleteReason;
}

/**
 * A full disk may have other causes than logs, such as a core dump, and then deleting all logs would not help. So one run, which is
 * hourly, deletes at most this share of them because of a disk.
 */
const MAX_DISK_SHARE_OF_RUN = 0.1;

/** When an index expires: when the retention of its last document has ended. `undefined` for indices without a period. */
export const expiryOf = (index: string): number | undefined => {
  const period = parseIndexPeriod(index);
  return period === undefined ? undefined : period.endMs + period.retentionDays * DAY_MS;
};

export const isExpired = (index: string, nowMs: number): boolean => (expiryOf(index) ?? Infinity) < nowMs;

/** The share of the files that deleted documents use. Each is assumed to have the size of one that is not deleted. */
const toDeletedShare = ({ documents, deletedDocuments = 0 }: StoredIndex): number =>
  deletedDocuments === 0 ? 0 : deletedDocuments / (documents + deletedDocuments);

/** Bytes of the documents that are not deleted: otherwise retention would delete others in the place of those already deleted. */
const toLiveBytes = (index: StoredIndex): number => index.bytes * (1 - toDeletedShare(index));

const sumBytes = (indices: readonly StoredIndex[], toBytes: (index: StoredIndex) => number): number =>
  indices.reduce((sum, index) => sum + toBytes(index), 0);

/** Bytes that the deletion of an index frees. Documents on hold stay, and are assumed to have the size of the others. */
const toFreeableBytes = (index: StoredIndex): number => {
  const { documents, heldDocuments = 0 } = index;
  return heldDocuments === 0 ? toLiveBytes(index) : toLiveBytes(index) * (1 - Math.min(1, heldDocuments / documents));
};

/** Purging rewrites the files of an index, so it waits for this share of deleted documents, which is Lucene's default, too. */
const MIN_PURGED_SHARE = 0.1;

const isCurrent = (index: string, nowMs: number): boolean => (parseIndexPeriod(index)?.endMs ?? -Infinity) > nowMs;

/** The indices whose deleted documents must be removed from the files: OpenSearch does that only for an index with new documents. */
export const findPurgeable = (indices: readonly StoredIndex[], nowMs: number): readonly StoredIndex[] =>
  indices.filter((index) => !isCurrent(index.name, nowMs) && toDeletedShare(index) >= MIN_PURGED_SHARE);

const isWhollyHeld = ({ documents, heldDocuments = 0 }: StoredIndex): boolean =>
  heldDocuments > 0 && heldDocuments >= documents;

/** The first indices whose deletion frees at least this many bytes together. */
const takeBytes = (indices: readonly StoredIndex[], wanted: number): readonly StoredIndex[] => {
  let freed = 0;
  return indices.filter((index) => {
    const isNeeded = freed < wanted && !isWhollyHeld(index);
    if (isNeeded) freed += toFreeableBytes(index);
    return isNeeded;
  });
};

/** Bytes of indices to delete so that no disk is above the limit. An index is distributed over all disks. */
const toDiskExcess = (disks: readonly Disk[], maxShare: number): number =>
  Math.max(0, ...disks.map(({ usedBytes, totalBytes }) => usedBytes - maxShare * totalBytes)) * disks.length;

/**
 * The expired indices, then those that must be deleted early because of their size: first those that would expire next. The indices of
 * the current period are never deleted early. Documents on hold count as not deleted, and deleted documents as already purged.
 */
export const planRetention = (
  indices: readonly StoredIndex[],
  nowMs: number,
  { maxBytes, maxDiskShare }: SizeLimits = {},
  disks: readonly Disk[] = [],
): readonly PlannedDeletion[] => {
  const expired = indices.filter(({ name }) => isExpired(name, nowMs));
  const left = indices
    .filter(({ name }) => !isExpired(name, nowMs) && (parseIndexPeriod(name)?.endMs ?? Infinity) <= nowMs)
    .toSorted((a, b) => (expiryOf(a.name) ?? 0) - (expiryOf(b.name) ?? 0));
  const total = sumBytes(indices, toLiveBytes) - sumBytes(expired, toFreeableBytes);
  const bySize = maxBytes === undefined ? [] : takeBytes(left, total - maxBytes);
  const rest = left.filter((index) => !bySize.includes(index));
  const purged = sumBytes(findPurgeable(indices, nowMs), (index) => index.bytes - toLiveBytes(index));
  const freed = purged + sumBytes([...expired, ...bySize], toFreeableBytes);
  const excess = maxDiskShare === undefined ? 0 : toDiskExcess(disks, maxDiskShare) - freed;
  const byDisk = takeBytes(rest, Math.min(excess, total * MAX_DISK_SHARE_OF_RUN));
  const toDeletion =
    (reason: DeleteReason) =>
    (index: StoredIndex): PlannedDeletion => ({ ...index, reason });
  return [
    ...expired.map(toDeletion("expired")),
    ...bySize.map(toDeletion("max_bytes")),
    ...byDisk.map(toDeletion("disk")),
  ];
};
