/** Limits of the status page. Without zod: the console imports this file. */
import { MINUTE_MS } from "#contract/wire/durations.ts";

/**
 * When all disks are above this share, OpenSearch refuses requests to create an index, and with several nodes a new index may have no
 * available shard: the default of `cluster.routing.allocation.disk.watermark.high`. At 95 % (flood stage) no log is stored.
 */
export const HIGH_WATERMARK_SHARE = 0.9;

/** A relay that has not reported for this long is not running. It reports each minute. */
export const MAX_REPORT_AGE_MS = 3 * MINUTE_MS;

/** The cron job that counts is due each minute. */
export const MAX_COUNT_AGE_MS = 10 * MINUTE_MS;

/** Days before the end of a certificate, and before a disk is full, at which the page warns. */
export const MIN_CERTIFICATE_DAYS = 14;
export const MIN_DISK_DAYS = 7;
