/**
 * Errors grouped by their fingerprint.
 */
import * as z from "zod";
import { readField } from "#contract/query/fields.ts";
import { GROUP_VERSION_PATTERN, toErrorGroupId, type ErrorGroup } from "#contract/store/error-group.ts";
import type { Group, GroupsResponse } from "#contract/api/statistics.ts";
import { findGroups, type StoredGroup } from "../error-groups/group-store.ts";
import { mergeGroups } from "../error-groups/merge-group.ts";
import { allOf, exists } from "../query/clauses.ts";
import type { ReadScope } from "./scope.ts";
import { truncate } from "#contract/wire/shorten.ts";
import { toHit } from "./to-hit.ts";
import { aggregate, valueSchema } from "./aggregate.ts";
import type { StoreClient } from "../opensearch/client.ts";
import type { TimeSpan } from "./time-span.ts";

const TREND_BUCKETS = 24;
const MAX_VERSIONS = 5;
const MAX_TITLE_LENGTH = 300;

const groupBucketSchema = z.object({
  key: z.string(),
  doc_count: z.int(),
  first: valueSchema,
  last: valueSchema,
  users: valueSchema,
  sessions: valueSchema,
  versions: z.object({ buckets: z.array(z.object({ key: z.string(), doc_count: z.int(), first: valueSchema })) }),
  trend: z.object({ buckets: z.array(z.object({ key: z.number(), doc_count: z.int() })) }),
  sample: z.object({
    hits: z.object({
      hits: z.tuple([
        z.object({ _id: z.string(), _source: z.custom<Record<string, unknown>>((value) => typeof value === "object") }),
      ]),
    }),
  }),
});

const groupsSchema = z.object({ buckets: z.array(groupBucketSchema) }).prefault({ buckets: [] });

type GroupBucket = z.output<typeof groupBucketSchema>;

const ORDERS = { count: { _count: "desc" }, last: { last: "desc" }, users: { users: "desc" } } as const;

const toTitle = (document: Group["sample"]["document"]): string => {
  const [type, message] = [readField(document, "exception.type"), readField(document, "exception.message")];
  const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";
  // An exception without a message, as some loggers send it, has the title of its log.
  const segments = [type, isText(message) ? message : document.body];
  return truncate(segments.filter(isText).join(": "), MAX_TITLE_LENGTH);
};

const toIso = (ms: number | null): string => new Date(ms ?? 0).toISOString();

const toGroup = (bucket: GroupBucket, { fromMs }: TimeSpan, bucketMs: number): Group => {
  const sample = toHit(bucket.sample.hits.hits[0]);
  const trend = Array.from({ length: TREND_BUCKETS }, () => 0);
  for (const { key, doc_count: count } of bucket.trend.buckets) {
    const index = Math.min(Math.max(Math.floor((key - fromMs) / bucketMs), 0), TREND_BUCKETS - 1);
    trend[index] = (trend[index] ?? 0) + count;
  }
  return {
    key: bucket.key,
    title: toTitle(sample.document),
    count: bucket.doc_count,
    firstSeen: toIso(bucket.first.value),
    firstInRange: toIso(bucket.first.value),
    lastSeen: toIso(bucket.last.value),
    users: bucket.users.value ?? 0,
    sessions: bucket.sessions.value ?? 0,
    versions: bucket.versions.buckets.map(({ key, doc_count: count }) => ({ value: String(key), count })),
    versionsEver: bucket.versions.buckets
      .map(({ key, first }) => ({ version: String(key), firstSeen: toIso(first.value) }))
      .toSorted((a, b) => (a.firstSeen < b.firstSeen ? -1 : 1)),
    trend,
    sample,
  };
};

const IDS_PER_SEARCH = 1_000;

/** Adds the history of each group in the apps of the scope: it includes logs outside of the filter, and expired ones. */
const withHistory = async (
  client: StoreClient,
  apps: readonly string[],
  groups: readonly Group[],
): Promise<Group[]> => {
  const ids = groups.flatMap(({ key }) => apps.map((app) => toErrorGroupId(app, key)));
  const stored = new Map<string, StoredGroup>();
  for (let start = 0; start < ids.length; start += IDS_PER_SEARCH) {
    const page = await findGroups(client, ids.slice(start, start + IDS_PER_SEARCH));
    for (const [id, group] of page) stored.set(id, group);
  }
  return groups.map((group) => {
    const { key, firstSeen, lastSeen, versionsEver } = group;
    let merged: ErrorGroup = { app: "", key, firstSeen, lastSeen, versions: versionsEver };
    for (const app of apps) {
      const known = stored.get(toErrorGroupId(app, key));
      if (known !== undefined) merged = mergeGroups(merged, known.group);
    }
    const [first] = merged.versions;
    return {
      ...group,
      firstSeen: merged.firstSeen,
      ...(first === undefined ? {} : { firstVersion: first.version }),
      versionsEver: [...merged.versions],
    };
  });
};

/**
 * The error groups in a scope. `total` is the approximate number of groups.
 *
 * @param span Time range of each group's trend.
 */
export const fetchGroups = async (
  client: StoreClient,
  scope: ReadScope,
  span: TimeSpan,
  { limit, sort }: { readonly limit: number; readonly sort: keyof typeof ORDERS },
): Promise<GroupsResponse> => {
  const bucketMs = Math.max(Math.ceil((span.toMs - span.fromMs) / TREND_BUCKETS), 1);
  const field = "error.grouping_key";
  const time = "@timestamp";
  const results = await aggregate(client, allOf([scope.clause, exists(field)]), {
    distinct: { cardinality: { field } },
    groups: {
      terms: { field, size: limit, order: ORDERS[sort] },
      aggs: {
        first: { min: { field: time } },
        last: { max: { field: time } },
        users: { cardinality: { field: "user.id" } },
        sessions: { cardinality: { field: "session.id" } },
        versions: {
          terms: { field: "resource.service.version", size: MAX_VERSIONS, include: GROUP_VERSION_PATTERN },
          aggs: { first: { min: { field: time } } },
        },
        trend: {
          date_histogram: {
            field: time,
            fixed_interval: `${bucketMs}ms`,
            offset: `${span.fromMs % bucketMs}ms`,
            min_doc_count: 1,
          },
        },
        sample: { top_hits: { size: 1, sort: [{ [time]: "desc" }] } },
      },
    },
  });
  const { buckets } = results.get("groups", groupsSchema);
  const groups = buckets.map((bucket) => toGroup(bucket, span, bucketMs));
  return {
    groups: await withHistory(client, scope.apps, groups),
    total: results.get("distinct", valueSchema).value ?? 0,
  };
};
