/** Limits of the status page. Without zod: the console imports this file. */
import { MINUTE_MS } from "#contract/wire/durations.ts";

/** At this share of a disk, OpenSearch makes indices read-only: the default of `cluster.routing.allocation.disk.watermark.flood_stage`. */
export const FLOOD_STAGE_SHARE = 0.95;

/** A relay that has not reported for this long is not running. It reports each minute. */
export const MAX_REPORT_AGE_MS = 3 * MINUTE_MS;

/** The cron job that counts is due each minute. */
export const MAX_COUNT_AGE_MS = 10 * MINUTE_MS;

/** Days before the end of a certificate, and before a disk is full, at which the page warns. */
export const MIN_CERTIFICATE_DAYS = 14;
export const MIN_DISK_DAYS = 7;
