/**
 * Counts the usage of a day, and stores and reads it in the index {@link USAGE_INDEX}.
 */
import * as z from "zod";
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import {
  MAX_USAGE_APPS,
  USAGE_INDEX,
  usageDocumentSchema,
  type AppUsage,
  type UsageDocument,
} from "#contract/store/usage.ts";
import { DAY_MS, MINUTE_MS } from "#contract/wire/durations.ts";
import { QUOTA_WARNING_SHARE } from "#contract/wire/quota.ts";
import { logWarning } from "../logger.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { search } from "../opensearch/search.ts";
import { toDay, type AppQuota } from "./app-quotas.ts";

const appsSchema = z.object({
  aggregations: z
    .object({
      apps: z.object({
        buckets: z.array(
          z.object({ key: z.string(), doc_count: z.int(), sum: z.object({ value: z.number() }).optional() }),
        ),
      }),
    })
    .optional(),
});

interface AppCount {
  readonly events: number;
  readonly sum: number;
}

/** Counts documents by app, and sums a field. The apps with the largest sums come first. */
const countByApp = async (
  client: StoreClient,
  pattern: string,
  filter: object,
  sum: object,
): Promise<ReadonlyMap<string, AppCount>> => {
  const terms = { field: "edgelog.app", size: MAX_USAGE_APPS, order: { sum: "desc" } };
  const body = { size: 0, track_total_hits: false, query: filter, aggs: { apps: { terms, aggs: { sum: { sum } } } } };
  const { aggregations } = await search(client, body, appsSchema, pattern);
  return new Map(
    (aggregations?.apps.buckets ?? []).map(({ key, doc_count: events, sum: total }) => [
      key,
      { events, sum: total?.value ?? 0 },
    ]),
  );
};

const OVER_QUOTA = { term: { reason: "over_quota" } };

type AppCounts = Omit<AppUsage, "bytesPerDay">;

/** Counts the logs that arrived on a day. Throws `StoreUnavailableError`. */
const countUsage = async (client: StoreClient, day: string): Promise<readonly AppCounts[]> => {
  const startMs = Date.parse(day);
  const arrived = (field: string): object => ({
    range: { [field]: { gte: startMs, lt: startMs + DAY_MS, format: "epoch_millis" } },
  });
  // A document of the rejected store can contain several events.
  const events = { field: "event.count", missing: 1 };
  const [stored, rejected, overQuota] = await Promise.all([
    countByApp(client, LOGS_INDEX_PATTERN, arrived("observedTimestamp"), { field: "edgelog.bytes" }),
    countByApp(
      client,
      REJECTED_INDEX_PATTERN,
      { bool: { filter: [arrived("@timestamp")], must_not: [OVER_QUOTA] } },
      events,
    ),
    countByApp(client, REJECTED_INDEX_PATTERN, { bool: { filter: [arrived("@timestamp"), OVER_QUOTA] } }, events),
  ]);
  const apps = new Set([...stored.keys(), ...rejected.keys(), ...overQuota.keys()]);
  return [...apps]
    .map((app) => ({
      app,
      bytes: stored.get(app)?.sum ?? 0,
      events: stored.get(app)?.events ?? 0,
      rejected: rejected.get(app)?.sum ?? 0,
      overQuota: overQuota.get(app)?.sum ?? 0,
    }))
    .toSorted((a, b) => b.bytes - a.bytes || b.events - a.events)
    .slice(0, MAX_USAGE_APPS);
};

const documentsSchema = z.object({ hits: z.object({ hits: z.array(z.object({ _source: usageDocumentSchema })) }) });

/** The stored usage of days, without those that are not counted. Throws `StoreUnavailableError`. */
export const fetchUsage = async (client: StoreClient, days: readonly string[]): Promise<readonly UsageDocument[]> => {
  const body = { size: days.length, track_total_hits: false, query: { ids: { values: days } } };
  const { hits } = await search(client, body, documentsSchema, USAGE_INDEX);
  return hits.hits.map(({ _source }) => _source);
};

/** Whether the app has used 80 % of its quota of the day. */
export const isNearQuota = ({ bytes, bytesPerDay }: AppUsage): boolean =>
  bytesPerDay !== undefined && bytes >= bytesPerDay * QUOTA_WARNING_SHARE;

/** The larger count of each app. */
const toLargest = (counted: readonly AppCounts[], previous: readonly AppCounts[]): readonly AppCounts[] => {
  const byApp = new Map(
    previous.map(({ app, bytes, events, rejected, overQuota }) => [app, { app, bytes, events, rejected, overQuota }]),
  );
  for (const each of counted) {
    if (each.bytes >= (byApp.get(each.app)?.bytes ?? 0)) byApp.set(each.app, each);
  }
  return [...byApp.values()];
};

const updateDay = async (
  client: StoreClient,
  day: string,
  nowMs: number,
  findQuota: (app: string) => Promise<AppQuota | undefined>,
): Promise<void> => {
  let isPartial = false;
  const partialClient: StoreClient = { ...client, onMissingShards: () => (isPartial = true) };
  const [[previous], counted] = await Promise.all([fetchUsage(client, [day]), countUsage(partialClient, day)]);
  // A count without some shards is too low. The previous count is then a better lower bound for a quota.
  const counts = isPartial ? toLargest(counted, previous?.apps ?? []) : counted;
  const apps = await Promise.all(
    counts.map(async (usage): Promise<AppUsage> => {
      const bytesPerDay = (await findQuota(usage.app))?.bytesPerDay;
      return bytesPerDay === undefined ? usage : { ...usage, bytesPerDay };
    }),
  );
  const document: UsageDocument = { day, countedAt: new Date(nowMs).toISOString(), apps };
  const { status } = await client.request("PUT", `/${USAGE_INDEX}/_doc/${day}?refresh=true`, document);
  if (status !== 200 && status !== 201) throw new StoreUnavailableError("writing usage failed", status);
  const warned = new Set(previous?.apps.filter(isNearQuota).map(({ app }) => app));
  for (const { app, bytes, bytesPerDay } of apps.filter((usage) => isNearQuota(usage) && !warned.has(usage.app))) {
    logWarning("an app has used more than 80 % of its quota of the day", { app, bytes, bytesPerDay: bytesPerDay ?? 0 });
  }
};

/** Logs arrive in the index shortly after midnight, and the last count of a day was up to a minute before. */
const RECOUNT_MS = 5 * MINUTE_MS;

/**
 * Counts the current day, and the day before shortly after midnight. Logs an app once when it has used 80 % of its quota.
 * Throws `StoreUnavailableError`.
 */
export const updateUsage = async (
  client: StoreClient,
  nowMs: number,
  findQuota: (app: string) => Promise<AppQuota | undefined>,
): Promise<void> => {
  const days = new Set([toDay(nowMs - RECOUNT_MS), toDay(nowMs)]);
  for (const day of days) await updateDay(client, day, nowMs, findQuota);
};
