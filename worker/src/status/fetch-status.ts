/**
 * Collects the state of all parts of a deployment. It is read from OpenSearch, where the cron jobs and the relays store it, because the
 * memory of an isolate has the requests of one location and a few minutes only. See decision 28.
 */
import * as z from "zod";
import type { Health } from "#contract/api/health.ts";
import type { StatusResponse } from "#contract/api/status.ts";
import { REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { REJECT_REASONS, type RejectReason } from "#contract/wire/reject-reason.ts";
import { fetchDisks, fetchHolds, fetchIndices, fetchRuns } from "../retention/retention-store.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { search } from "../opensearch/search.ts";
import { toDay } from "../quota/app-quotas.ts";
import { fetchUsage } from "../quota/usage-store.ts";
import { estimateBytesPerDay, estimateDaysLeft } from "./estimate-growth.ts";
import { fetchRelayReports } from "./relay-reports.ts";

/** Bounds the response, and the labels of the metrics. */
const MAX_APPS = 100;

type Part<Name extends keyof StatusResponse> = NonNullable<StatusResponse[Name]>;

const fetchStore = async (client: StoreClient, nowMs: number): Promise<Part<"store">> => {
  const [indices, disks] = await Promise.all([fetchIndices(client), fetchDisks(client)]);
  const bytesPerDay = estimateBytesPerDay(indices, nowMs);
  const daysLeft = estimateDaysLeft(disks ?? [], indices, nowMs);
  return {
    indices: indices.length,
    bytes: indices.reduce((sum, { bytes }) => sum + bytes, 0),
    documents: indices.reduce((sum, { documents }) => sum + documents, 0),
    bytesPerDay,
    ...(disks === undefined ? {} : { disks }),
    ...(daysLeft === undefined ? {} : { diskDaysLeft: daysLeft }),
  };
};

const reasonsSchema = z.object({
  aggregations: z
    .object({
      reasons: z.object({ buckets: z.array(z.object({ key: z.string(), sum: z.object({ value: z.number() }) })) }),
    })
    .optional(),
});

const isReason = (text: string): text is RejectReason => REJECT_REASONS.some((reason) => reason === text);

const countReasons = async (client: StoreClient, day: string): Promise<Part<"today">["rejectedByReason"]> => {
  const startMs = Date.parse(day);
  const body = {
    size: 0,
    track_total_hits: false,
    query: { range: { "@timestamp": { gte: startMs, lt: startMs + DAY_MS, format: "epoch_millis" } } },
    aggs: {
      reasons: {
        terms: { field: "reason", size: REJECT_REASONS.length },
        aggs: { sum: { sum: { field: "event.count", missing: 1 } } },
      },
    },
  };
  const { aggregations } = await search(client, body, reasonsSchema, REJECTED_INDEX_PATTERN);
  return Object.fromEntries(
    (aggregations?.reasons.buckets ?? []).flatMap(({ key, sum }) => (isReason(key) ? [[key, sum.value]] : [])),
  );
};

/**
 * The counts of this day: 0 if the cron job has not counted it yet. The time is that of the last count, also of the day before: without
 * it, jobs that stopped would look like new ones from midnight on. `undefined` if neither day was counted.
 */
const fetchToday = async (client: StoreClient, nowMs: number): Promise<Part<"today"> | undefined> => {
  const day = toDay(nowMs);
  const counted = await fetchUsage(client, [day, toDay(nowMs - DAY_MS)]);
  const countedAt = counted
    .map((each) => each.countedAt)
    .toSorted()
    .at(-1);
  if (countedAt === undefined) return undefined;
  const apps = counted.find((each) => each.day === day)?.apps ?? [];
  const sum = (field: "events" | "bytes" | "rejectedBytes" | "rejected" | "overQuota"): number =>
    apps.reduce((total, app) => total + app[field], 0);
  return {
    countedAt,
    events: sum("events"),
    bytes: sum("bytes"),
    rejectedBytes: sum("rejectedBytes"),
    rejected: sum("rejected"),
    overQuota: sum("overQuota"),
    apps: apps.slice(0, MAX_APPS).map(({ eventsPerSecond: _rate, ...app }) => app),
    rejectedByReason: await countReasons(client, day),
  };
};

const fetchRetention = async (client: StoreClient): Promise<Part<"retention">> => {
  const [holds, [last]] = await Promise.all([fetchHolds(client), fetchRuns(client, 1)]);
  return { holds, ...(last === undefined ? {} : { last: { at: last.at, deletions: last.deletions } }) };
};

/** A part that cannot be read is absent; `health` has the reason. */
const orAbsent = async <Name extends keyof StatusResponse>(
  name: Name,
  part: Promise<StatusResponse[Name] | undefined>,
): Promise<Partial<StatusResponse>> => {
  const value = await part.catch(() => undefined);
  return value === undefined ? {} : { [name]: value };
};

/** Never rejects unless `fetchHealth` does. */
export const fetchStatus = async (
  client: StoreClient,
  fetchHealth: () => Promise<Health>,
  nowMs: number,
): Promise<StatusResponse> => {
  const [health, ...parts] = await Promise.all([
    fetchHealth(),
    orAbsent("store", fetchStore(client, nowMs)),
    orAbsent("relays", fetchRelayReports(client, nowMs)),
    orAbsent("today", fetchToday(client, nowMs)),
    orAbsent("retention", fetchRetention(client)),
  ]);
  return Object.assign({ checkedAt: new Date(nowMs).toISOString(), health }, ...parts) as StatusResponse;
};
