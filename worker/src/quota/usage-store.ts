/**
 * Counts the usage of a day, and stores and reads it in the index {@link USAGE_INDEX}.
 */
import * as z from "zod";
import { countUsage, usageSearchSchema, type AppCounts } from "#contract/store/count-usage.ts";
import { USAGE_INDEX, usageDocumentSchema, type AppUsage, type UsageDocument } from "#contract/store/usage.ts";
import { MINUTE_MS } from "#contract/wire/durations.ts";
import { QUOTA_WARNING_SHARE } from "#contract/wire/quota.ts";
import { logWarning } from "../logger.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { search } from "../opensearch/search.ts";
import { toDay, type AppQuota } from "./app-quotas.ts";

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
  const byApp = new Map<string, AppCounts>(
    previous.map(({ app, bytes, rejectedBytes, events, rejected, overQuota }) => [
      app,
      { app, bytes, rejectedBytes, events, rejected, overQuota },
    ]),
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
  const [[previous], counted] = await Promise.all([
    fetchUsage(client, [day]),
    countUsage((pattern, body) => search(partialClient, body, usageSearchSchema, pattern), day),
  ]);
  // A count without some shards is too low. The previous count is then a better lower bound for a quota.
  const counts = isPartial ? toLargest(counted, previous?.apps ?? []) : counted;
  const apps = await Promise.all(
    counts.map(async (usage): Promise<AppUsage> => {
      const { bytesPerDay, eventsPerSecond } = (await findQuota(usage.app)) ?? {};
      return {
        ...usage,
        ...(bytesPerDay === undefined ? {} : { bytesPerDay }),
        ...(eventsPerSecond === undefined ? {} : { eventsPerSecond }),
      };
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
