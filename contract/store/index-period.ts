/**
 * The names of indices, and the period of time that each contains: a day, a week or a month. Pure. See decision 27.
 *
 * The period depends on the retention class, so that the number of indices stays small. It also depends on the time of the event: events
 * from before {@link IndexPeriods.longFromMs} are in daily indices in every class. So a change of that setting moves no event that
 * was stored, and a resend still finds its document.
 */
import { DAY_MS } from "#contract/wire/durations.ts";
import { REJECTED_RETENTION_DAYS, RETENTION_CLASSES_DAYS, type RetentionDays } from "#contract/wire/limits.ts";

export type PeriodUnit = "day" | "week" | "month";

/** The period of the indices of each class, for events from {@link IndexPeriods.longFromMs} on. */
export const PERIOD_UNITS: Readonly<Record<RetentionDays, PeriodUnit>> = {
  7: "day",
  30: "day",
  90: "week",
  365: "month",
};

/** Which events are in indices of a week or a month. */
export interface IndexPeriods {
  /** Start of a UTC day in milliseconds since 1970. Events with an earlier time are in daily indices. */
  readonly longFromMs: number;
}

/** For deployments that had no indices of this project before. */
export const DEFAULT_PERIODS: IndexPeriods = { longFromMs: Date.UTC(2026, 10, 1) };

/** Longest period of the indices of a class, in days. */
export const MAX_PERIOD_DAYS: Readonly<Record<PeriodUnit, number>> = { day: 1, week: 7, month: 31 };

/** 1970-01-01 was a Thursday. */
const DAYS_FROM_MONDAY = 3;

const toDate = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll("-", ".");

const startOfWeek = (ms: number): number => {
  const day = Math.floor(ms / DAY_MS);
  const daysSinceMonday = (((day + DAYS_FROM_MONDAY) % 7) + 7) % 7;
  return (day - daysSinceMonday) * DAY_MS;
};

/**
 * The index of a log with a plausible time.
 *
 * @param timestamp Time of the event in RFC 3339, in UTC.
 * @example
 * ```ts
 * logsIndex(30, "2026-11-29T12:00:00.000Z"); // logs-30d-2026.11.29
 * logsIndex(90, "2026-11-29T12:00:00.000Z"); // logs-90d-w2026.11.23, the week that begins on this Monday
 * logsIndex(365, "2026-11-29T12:00:00.000Z"); // logs-365d-2026.11
 * ```
 */
export const logsIndex = (
  retentionDays: RetentionDays,
  timestamp: string,
  { longFromMs }: IndexPeriods = DEFAULT_PERIODS,
): string => {
  const unit = PERIOD_UNITS[retentionDays];
  const day = timestamp.slice(0, 10);
  const daily = `logs-${retentionDays}d-${day.replaceAll("-", ".")}`;
  if (unit === "day" || Date.parse(day) < longFromMs) return daily;
  if (unit === "month") return daily.slice(0, -".dd".length);
  return `logs-${retentionDays}d-w${toDate(startOfWeek(Date.parse(day)))}`;
};

/** The index of a rejected payload. */
export const rejectedIndex = (observedTimestamp: string): string =>
  `rejected-${observedTimestamp.slice(0, 10).replaceAll("-", ".")}`;

/** An index with a period, as its name describes it. */
export interface IndexPeriod {
  readonly kind: "logs" | "rejected";
  readonly retentionDays: number;
  readonly unit: PeriodUnit;
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
}

/** A copy with a changed mapping has a suffix: `npm run reindex`. */
const NAME = /^(?:logs-(\d+)d|rejected)-(w?)(\d{4})\.(\d{2})(?:\.(\d{2}))?(?:-r\d+)?$/;

/** The period of an index. `undefined` for other names, and for the indices of logs without a plausible time. */
export const parseIndexPeriod = (index: string): IndexPeriod | undefined => {
  const match = NAME.exec(index);
  if (match === null) return undefined;
  const [, days, week, year, month, day] = match;
  const retentionDays = days === undefined ? REJECTED_RETENTION_DAYS : Number(days);
  if (days !== undefined && !RETENTION_CLASSES_DAYS.some((known) => known === retentionDays)) return undefined;
  const unit = day === undefined ? "month" : week === "w" ? "week" : "day";
  if (week === "w" && day === undefined) return undefined;
  const [y, m, d] = [Number(year), Number(month) - 1, Number(day ?? 1)];
  const startMs = Date.UTC(y, m, d);
  const endMs = unit === "month" ? Date.UTC(y, m + 1, 1) : startMs + MAX_PERIOD_DAYS[unit] * DAY_MS;
  return { kind: days === undefined ? "rejected" : "logs", retentionDays, unit, startMs, endMs };
};
