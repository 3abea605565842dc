/**
 * Chooses the index of a log in such a way that a resend finds the document of the first delivery. Pure. See decision 1 and
 * decision 26.
 */
import { toIsoTime, type ResolvedTimestamp } from "#contract/store/event-time.ts";
import { logsIndex, MAX_PERIOD_DAYS, PERIOD_UNITS, type IndexPeriods } from "#contract/store/index-period.ts";
import { skewedLogsIndex, undatedLogsIndex } from "#contract/store/log-document.ts";
import { DAY_MS, HOUR_MS } from "#contract/wire/durations.ts";
import type { RetentionDays } from "#contract/wire/limits.ts";

/** An index is deleted within this time after the retention of all its logs, by an hourly job. */
const MAX_EXPIRED_INDEX_MS = DAY_MS;

/** How far ahead the time of an event may be to choose the index, even if the time of arrival is the timestamp of the log. */
const MAX_INDEX_AHEAD_MS = DAY_MS;

/**
 * How far ahead the time of an event must be before a document of an earlier delivery is looked up. An event that was more
 * than a day ahead at its first delivery is stored in another index than a resend that is less than a day ahead.
 */
const MIN_LOOKUP_AHEAD_MS = HOUR_MS;

export interface IndexChoice {
  readonly index: string;
  /** Another index that may have the document of an earlier delivery. */
  readonly earlierIndex?: string;
}

export interface IndexedEvent extends ResolvedTimestamp {
  /** Time of the event. `undefined`: it is the time of arrival. */
  readonly eventMs: number | undefined;
  /** Time of arrival. */
  readonly observedMs: number;
  /** Whether a resend has the same id but another time of arrival. */
  readonly hasLastingId: boolean;
}

interface RecentIndex {
  readonly day: number;
  readonly retentionDays: RetentionDays;
  readonly periods: IndexPeriods;
  readonly index: string;
}

/** The last result of {@link toIndex}. Nearly all events of a request have the same index. */
let recent: RecentIndex | undefined;

const toIndex = (retentionDays: RetentionDays, ms: number, periods: IndexPeriods): string => {
  const day = Math.floor(ms / DAY_MS);
  if (recent?.day !== day || recent.retentionDays !== retentionDays || recent.periods !== periods) {
    recent = { day, retentionDays, periods, index: logsIndex(retentionDays, toIsoTime(ms), periods) };
  }
  return recent.index;
};

export const chooseIndex = (
  { eventMs, observedMs, timestampMs, claimedMs, hasLastingId }: IndexedEvent,
  retentionDays: RetentionDays,
  periods: IndexPeriods,
): IndexChoice => {
  if (eventMs === undefined) {
    return { index: hasLastingId ? undatedLogsIndex(retentionDays) : toIndex(retentionDays, timestampMs, periods) };
  }
  const aheadMs = eventMs - observedMs;
  if (claimedMs === undefined || (aheadMs > 0 && aheadMs <= MAX_INDEX_AHEAD_MS)) {
    const isFarAhead = hasLastingId && aheadMs > MIN_LOOKUP_AHEAD_MS;
    const index = toIndex(retentionDays, eventMs, periods);
    return isFarAhead ? { index, earlierIndex: skewedLogsIndex(retentionDays) } : { index };
  }
  const index = skewedLogsIndex(retentionDays);
  const ageMs = observedMs - claimedMs;
  const maxIndexAgeMs = (retentionDays + MAX_PERIOD_DAYS[PERIOD_UNITS[retentionDays]]) * DAY_MS + MAX_EXPIRED_INDEX_MS;
  const mayHaveIndex = ageMs > 0 && ageMs < maxIndexAgeMs;
  return hasLastingId && mayHaveIndex ? { index, earlierIndex: toIndex(retentionDays, claimedMs, periods) } : { index };
};
