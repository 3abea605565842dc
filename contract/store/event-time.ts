/**
 * When an event happened, and whether that can be believed.
 */
import { MAX_CLOCK_AHEAD_MS, type RetentionDays } from "#contract/wire/limits.ts";

const DAY_MS = 86_400_000;

/** Milliseconds since 1970 in a UUID of version 7 (RFC 9562, section 5.7); `undefined` for other versions. */
export const timeOfUuid = (id: string): number | undefined =>
  id[14] === "7" ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;

export interface ResolvedTimestamp {
  readonly timestampMs: number;
  /** The sender's time where it lies outside of what the app keeps, or over a day ahead. */
  readonly claimedMs?: number;
}

/** Puts the time of arrival in place of a time that no index of the app's retention class stands for. */
export const resolveTimestamp = (
  eventMs: number | undefined,
  observedMs: number,
  retentionDays: RetentionDays,
): ResolvedTimestamp => {
  if (eventMs === undefined) return { timestampMs: observedMs };
  const isAhead = eventMs > observedMs + MAX_CLOCK_AHEAD_MS;
  const isExpired = eventMs < observedMs - retentionDays * DAY_MS;
  return isAhead || isExpired ? { timestampMs: observedMs, claimedMs: eventMs } : { timestampMs: eventMs };
};
