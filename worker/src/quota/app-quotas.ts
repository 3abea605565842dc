/**
 * Admits the events of apps with quotas. The bytes of the day are those that the cron job counted, plus those that this
 * isolate stored since that count was new. All state is plain data and may be shared by concurrent requests.
 */
import type { UsageDocument } from "#contract/store/usage.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { QUOTA_STEPS } from "#contract/wire/quota.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { Admission, OpenAdmission } from "../ingest/admission.ts";
import { isYounger } from "../is-younger.ts";
import { createEventRates } from "./event-rates.ts";

/** The quotas of an app's record. */
export interface AppQuota {
  readonly bytesPerDay?: number | undefined;
  readonly eventsPerSecond?: number | undefined;
}

export interface AppQuotas {
  /**
   * Returns how to admit the events of an app, or `undefined` if it has no quota. Never rejects: if usage is not available,
   * the last known one counts.
   *
   * @param fetchUsage Reads the usage of a day; `undefined` if nothing is counted yet.
   */
  open(
    app: string,
    quota: AppQuota,
    nowMs: number,
    fetchUsage: (day: string) => Promise<UsageDocument | undefined>,
  ): Promise<OpenAdmission | undefined>;
}

/** How long the count of the cron job, which runs every minute, is used. */
const USAGE_MAX_AGE_MS = MINUTE_MS;

export const toDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const toBytesViolation = (severity: Severity, limit: number): Violation => ({
  reason: "over_quota",
  message: `The app has used ${Math.round(QUOTA_STEPS[severity] * 100)} % of its quota of ${limit} bytes per day, so events with severity ${severity} are rejected until 00:00 UTC.`,
  limit,
});

const toRejectedViolation = (limit: number): Violation => ({
  reason: "over_quota",
  message: `The app has used its quota of ${limit} bytes per day, so the payloads of invalid events are not stored until 00:00 UTC.`,
  limit,
});

const toRateViolation = (limit: number): Violation => ({
  reason: "over_quota",
  message: `The app sent more than ${limit} events per second.`,
  limit,
});

export const createAppQuotas = (): AppQuotas => {
  const rates = createEventRates();
  let counted: ReadonlyMap<string, number> = new Map();
  let countedDay = "";
  let countedAt = "";
  let fetchedMs = -Infinity;
  /** Bytes of each app that this isolate stored since it first read the count of `countedAt`. */
  let added = new Map<string, number>();

  const refresh = async (
    nowMs: number,
    fetchUsage: (day: string) => Promise<UsageDocument | undefined>,
  ): Promise<void> => {
    const day = toDay(nowMs);
    if (day === countedDay && isYounger(nowMs, fetchedMs, USAGE_MAX_AGE_MS)) return;
    // Set before the request, so that concurrent requests do not send it, too.
    fetchedMs = nowMs;
    if (day !== countedDay) [counted, added, countedDay, countedAt] = [new Map(), new Map(), day, ""];
    const usage = await fetchUsage(day).catch(() => undefined);
    if (usage === undefined || usage.day !== countedDay) return;
    // The same count again, because the cron job has failed or is late: it lacks the bytes that are added.
    if (usage.countedAt === countedAt) return;
    countedAt = usage.countedAt;
    counted = new Map(usage.apps.map(({ app, bytes }) => [app, bytes]));
    added = new Map();
  };

  const openAdmission = (app: string, { bytesPerDay, eventsPerSecond }: AppQuota): Admission => {
    let bytes = 0;
    let keys: string[] = [];
    const isUsed = (share: number): boolean =>
      bytesPerDay !== undefined && (counted.get(app) ?? 0) + (added.get(app) ?? 0) >= bytesPerDay * share;
    const add = (size: number): void => {
      if (bytesPerDay === undefined) return;
      bytes += size;
      added.set(app, (added.get(app) ?? 0) + size);
    };
    return {
      admit(event) {
        if (bytesPerDay !== undefined && isUsed(QUOTA_STEPS[event.severity])) {
          return toBytesViolation(event.severity, bytesPerDay);
        }
        if (eventsPerSecond !== undefined) {
          const key = rates.add(app, eventsPerSecond, event.severity, event.timestampMs);
          if (key === undefined) return toRateViolation(eventsPerSecond);
          keys.push(key);
        }
        add(event.bytes);
        return undefined;
      },
      admitRejected(size, arrivedMs) {
        if (bytesPerDay !== undefined && isUsed(1)) return toRejectedViolation(bytesPerDay);
        if (eventsPerSecond !== undefined) {
          // In separate windows: the time of an invalid event is unknown, and a backlog of them must not use up the windows of valid events.
          const key = rates.add(`${app}/rejected`, eventsPerSecond, "info", arrivedMs);
          if (key === undefined) return toRateViolation(eventsPerSecond);
          keys.push(key);
        }
        add(size);
        return undefined;
      },
      release() {
        added.set(app, Math.max((added.get(app) ?? 0) - bytes, 0));
        for (const key of keys) rates.remove(key);
        bytes = 0;
        keys = [];
      },
    };
  };

  return {
    async open(app, quota, nowMs, fetchUsage) {
      if (quota.bytesPerDay === undefined && quota.eventsPerSecond === undefined) return undefined;
      if (quota.bytesPerDay !== undefined) await refresh(nowMs, fetchUsage);
      return () => openAdmission(app, quota);
    },
  };
};

/** The quotas of this isolate. */
export const appQuotas = createAppQuotas();
