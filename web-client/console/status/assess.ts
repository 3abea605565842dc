/** Assesses the parts of a deployment for the status page. Pure. */
import {
  HIGH_WATERMARK_SHARE,
  MAX_COUNT_AGE_MS,
  MAX_REPORT_AGE_MS,
  MIN_CERTIFICATE_DAYS,
  MIN_DISK_DAYS,
} from "#contract/api/status-limits.ts";
import type { StatusResponse } from "#contract/api/status.ts";
import { formatDuration, formatPercent } from "../lib/format-number.ts";
import { formatByteCount, pluralize } from "#contract/wire/quantity.ts";

export type Tone = "error" | "warn";

/** A value with the tone in which it is shown. No tone: nothing to do. */
export interface Assessed {
  readonly value: string;
  readonly note: string;
  readonly tone?: Tone;
}

export type Relay = NonNullable<StatusResponse["relays"]>[number];

/** A message that waits for longer means that nothing is stored. */
const MAX_LAG_MS = 60_000;

/** Share of a queue's limit from which on it is nearly full. */
const QUEUE_NEAR_LIMIT = 0.8;

const DISK_NEAR_LIMIT = 0.85;

const UNKNOWN: Assessed = { value: "–", note: "not reported" };

export const isReporting = ({ reportedAt }: Relay, nowMs: number): boolean =>
  nowMs - Date.parse(reportedAt) <= MAX_REPORT_AGE_MS;

/** The state of a relay in one word. */
export const toRelayState = (relay: Relay, nowMs: number): { readonly text: string; readonly tone?: Tone } => {
  if (!isReporting(relay, nowMs)) return { text: "not reporting", tone: "error" };
  switch (relay.status) {
    case "ok":
      return { text: "ok" };
    case "degraded":
      return { text: "degraded", tone: "warn" };
    case "stalled":
    case "disconnected":
      return { text: relay.status, tone: "error" };
  }
};

const HEALTH: Readonly<Record<StatusResponse["health"]["status"], Assessed>> = {
  ok: { value: "OK", note: "logs are stored and found" },
  degraded: { value: "Degraded", note: "see the problems below", tone: "warn" },
  down: { value: "Down", note: "no log is stored", tone: "error" },
};

export const assessHealth = ({ health }: StatusResponse): Assessed => HEALTH[health.status];

/** Age of the oldest message that is not stored, in all relays that report. */
export const assessLag = ({ relays = [] }: StatusResponse, nowMs: number): Assessed => {
  const reporting = relays.filter((relay) => isReporting(relay, nowMs));
  if (reporting.length === 0)
    return { value: "–", note: "no relay reports", ...(relays.length > 0 && { tone: "error" }) };
  const lagMs = Math.max(...reporting.map(({ oldestUnacknowledgedMs }) => oldestUnacknowledgedMs));
  const note = "oldest MQTT message";
  return { value: formatDuration(lagMs), note, ...(lagMs > MAX_LAG_MS && { tone: "error" }) };
};

/** The broker counts its internal messages, too: about 200 bytes while no message waits. */
const MIN_BACKLOG_BYTES = 1_000;

/** Messages that wait in the broker. */
export const assessBacklog = ({ relays = [] }: StatusResponse): Assessed => {
  const [latest] = relays;
  if (latest === undefined) return UNKNOWN;
  const { brokerStoredBytes: bytes, brokerQueueBytes: limit } = latest;
  if (bytes < MIN_BACKLOG_BYTES) return { value: "< 1 kB", note: "waiting in the broker, with its internal messages" };
  const isNearLimit = bytes > limit * QUEUE_NEAR_LIMIT;
  const note = `waiting in the broker, ${formatPercent(bytes, limit)} of a queue`;
  return { value: formatByteCount(bytes), note, ...(isNearLimit && { tone: "error" }) };
};

/** Messages that were lost at the broker, except those of clients with receipts, or that the Worker refused. */
export const assessDrops = ({ relays = [] }: StatusResponse): Assessed => {
  if (relays.length === 0) return UNKNOWN;
  const dropped = relays.reduce((sum, relay) => sum + relay.brokerDroppedMessages, 0);
  const sessions = relays.reduce((sum, relay) => sum + relay.lostSessions, 0);
  const problems = new Set(relays.flatMap((relay) => relay.problems));
  const isRefused = problems.has("messages_refused");
  const isRecent = isRefused || problems.has("messages_dropped") || problems.has("session_lost");
  const notes = [
    "messages dropped by the broker",
    ...(sessions === 0 ? [] : [`${pluralize(sessions, "session")} lost`]),
    ...(isRefused ? ["the Worker refused messages"] : []),
  ];
  return { value: dropped.toLocaleString("en"), note: notes.join("; "), ...(isRecent && { tone: "error" }) };
};

const YEAR_DAYS = 365;

const formatDays = (days: number): string => (days > YEAR_DAYS ? "over a year" : `${Math.floor(days)} d`);

export const assessDisk = ({ store }: StatusResponse): Assessed => {
  const { disks = [], diskDaysLeft } = store ?? {};
  if (disks.length === 0)
    return { value: "–", note: store === undefined ? "not available" : "no right to read the disks" };
  const share = Math.max(...disks.map(({ usedBytes, totalBytes }) => usedBytes / totalBytes));
  const note = `${formatPercent(share, 1)} used`;
  const isLow = diskDaysLeft !== undefined && diskDaysLeft < MIN_DISK_DAYS;
  const tone = share >= HIGH_WATERMARK_SHARE ? "error" : isLow || share >= DISK_NEAR_LIMIT ? "warn" : undefined;
  const value = diskDaysLeft === undefined ? "not expected" : formatDays(diskDaysLeft);
  return { value, note, ...(tone !== undefined && { tone }) };
};

export const assessCertificate = ({ relays = [] }: StatusResponse): Assessed => {
  const days = relays.flatMap(({ certificateDays }) => certificateDays ?? []);
  if (relays.length === 0) return UNKNOWN;
  if (days.length === 0) return { value: "–", note: "relays connect without TLS" };
  const left = Math.min(...days);
  return {
    value: formatDays(left),
    note: "until the broker’s certificate expires",
    ...(left < MIN_CERTIFICATE_DAYS && { tone: left < 0 ? "error" : "warn" }),
  };
};

/** Whether the cron jobs have run lately. */
export const areCronJobsRunning = ({ today }: StatusResponse, nowMs: number): boolean =>
  today !== undefined && nowMs - Date.parse(today.countedAt) <= MAX_COUNT_AGE_MS;
