/**
 * Quotas of an app: bytes of stored and rejected events in one day, and events in one second. The least important events are rejected first, with
 * the reason `over_quota`.
 */
import { SECOND_MS } from "./durations.ts";
import type { Severity } from "./severity.ts";

/** The share of the quota of the day from which on events of a severity are rejected. */
export const QUOTA_STEPS: Readonly<Record<Severity, number>> = {
  trace: 1,
  debug: 1,
  info: 1.1,
  warn: 1.2,
  error: 1.5,
  fatal: 1.5,
};

/** The share of the quota of the day from which on `/healthz` and the log warn. */
export const QUOTA_WARNING_SHARE = 0.8;

/**
 * `eventsPerSecond` is averaged over this time, by the time of the events. A backlog that is sent after an outage is
 * therefore not over quota.
 */
export const RATE_WINDOW_MS = 10 * SECOND_MS;

/** Events of severity `error` and `fatal` may exceed `eventsPerSecond` by this factor. */
export const ERROR_RATE_FACTOR = 1.5;
