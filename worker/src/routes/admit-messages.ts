/**
 * Checks of a relay request before its messages are stored: the relay's clock, and whether the apps are known.
 */
import type { RelayFrame } from "#contract/relay/relay-frame.ts";
import { timeOfUuid } from "#contract/store/event-time.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import { hasAppEntry, type AppStore } from "../access/apps.ts";
import { FailureError } from "../failure.ts";
import { cachedHealth } from "../health/cached-health.ts";
import { createWarningLimit, logWarning } from "../logger.ts";

/**
 * How far the relay's clock is ahead of the Worker's, in milliseconds; negative if it is behind. A stamp may be old, because
 * the relay retries for hours, but it must not be in the future.
 */
const findAheadMs = ({ sentAtMs, messages }: RelayFrame, nowMs: number): number => {
  const sent = sentAtMs === undefined ? 0 : sentAtMs - nowMs;
  let latest = 0;
  for (const { id } of messages) latest = Math.max(latest, (timeOfUuid(id) ?? 0) - nowMs);
  return Math.abs(sent) >= latest ? sent : latest;
};

/**
 * Throws `clock_skew` if the relay's clock differs from the Worker's by more than {@link MAX_RELAY_CLOCK_SKEW_MS}: events
 * without a time would get a wrong one, and retention would delete them too early or too late.
 *
 * @param nowMs The Worker's time when the request arrived.
 */
export const assertClock = (frame: RelayFrame, nowMs: number): void => {
  const aheadMs = findAheadMs(frame, nowMs);
  if (Math.abs(aheadMs) <= MAX_RELAY_CLOCK_SKEW_MS) return;
  logWarning("a relay request was refused: the clocks of relay and Worker differ", {
    relayTime: new Date(nowMs + aheadMs).toISOString(),
    workerTime: new Date(nowMs).toISOString(),
  });
  throw new FailureError({ kind: "clock_skew", aheadMs, limitMs: MAX_RELAY_CLOCK_SKEW_MS });
};

/** Each app costs up to two reads of KV, and an invocation on Cloudflare may have 1,000 operations on KV. */
const MAX_APPS = 500;

/** The apps whose messages are stored in this request. The messages of the others are deferred. */
export const selectApps = (apps: Iterable<string | undefined>): ReadonlySet<string | undefined> =>
  new Set([...new Set(apps)].slice(0, MAX_APPS));

const isWarningDue = createWarningLimit(MINUTE_MS);

const warnUnknownApp = (app: string, nowMs: number): void => {
  if (!isWarningDue(app, nowMs)) return;
  logWarning("messages of an app without an entry in APPS are not stored; restore the entry or remove the app", {
    app,
  });
};

/**
 * The apps without any entry in KV. The broker accepted their messages, so the entry may be lost: the messages are retried
 * and not rejected. Logs each app once a minute.
 */
export const findUnknownApps = async (
  apps: Iterable<string | undefined>,
  store: AppStore,
  nowMs: number,
): Promise<ReadonlySet<string>> => {
  const names = [...new Set(apps)].filter((app) => app !== undefined);
  const isKnown = await Promise.all(names.map((app) => hasAppEntry(store, app)));
  const unknown = names.filter((_, i) => isKnown[i] === false);
  for (const app of unknown) warnUnknownApp(app, nowMs);
  if (unknown.length > 0) cachedHealth.suspectApps();
  return new Set(unknown);
};
