/**
 * Errors grouped by their fingerprint. A first search chooses the groups, a second one counts the logs of these: a shard returns its first
 * groups only, so a search that does both would not count the logs of a group in the other shards.
 */
import * as z from "zod";
import { readField } from "#contract/query/fields.ts";
import { GROUP_VERSION_PATTERN, toErrorGroupId, type ErrorGroup } from "#contract/store/error-group.ts";
import type { Group, GroupsResponse } from "#contract/api/statistics.ts";
import { findGroups, type StoredGroup } from "../error-groups/group-store.ts";
import { mergeGroups } from "../error-groups/merge-group.ts";
import { allOf, exists, terms, type Clause } from "../query/clauses.ts";
import type { ReadScope } from "./scope.ts";
import { truncate } from "#contract/wire/shorten.ts";
import { toHit } from "./to-hit.ts";
import { aggregate, termsSchema, valueSchema } from "./aggregate.ts";
import { ResponseTooLargeError, type StoreClient } from "../opensearch/client.ts";
import type { TimeSpan } from "./time-span.ts";

const TREND_BUCKETS = 24;
const MAX_VERSIONS = 5;
const MAX_TITLE_LENGTH = 300;

const KEY_FIELD = "error.grouping_key";
const TIME = "@timestamp";

/** Groups of each shard from which the first ones are chosen, and versions of each shard. */
const GROUPS_PER_SHARD = 250;
const VERSIONS_PER_SHARD = 50;

const SMALL_FIELDS = [TIME, "observedTimestamp", "severity", "log.record.uid", "edgelog.app", "exception.type"];

/** Fields of the samples. If all samples together are too large for one response, they have fewer, and {@link SMALL_FIELDS} at last. */
const SAMPLE_FIELDS: readonly (true | readonly string[])[] = [true, [...SMALL_FIELDS, "body", "exception.message"]];

/** The `body` of a sample without a `body`. */
const OMITTED_BODY = "This log is too large for a list of groups. Open it to read it.";

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

type Sort = keyof typeof ORDERS;

/** The aggregations by which groups are sorted. */
const SORT_AGGS = {
  last: { max: { field: TIME } },
  users: { cardinality: { field: "user.id" } },
};

const toTitle = (document: Group["sample"]["document"]): string => {
  const [type, message] = [readField(document, "exception.type"), readField(document, "exception.message")];
  const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";
  // An exception without a message, as some loggers send it, has the title of its log.
  const segments = [type, isText(message) ? message : document.body];
  return truncate(segments.filter(isText).join(": "), MAX_TITLE_LENGTH);
};

const toIso = (ms: number | null): string => new Date(ms ?? 0).toISOString();

const toGroup = (bucket: GroupBucket, { fromMs }: TimeSpan, bucketMs: number): Group => {
  const [{ _id, _source }] = bucket.sample.hits.hits;
  const sample = toHit({ _id, _source: { body: OMITTED_BODY, ..._source } });
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

/** The keys of the first groups, and the approximate number of all. */
const findKeys = async (
  client: StoreClient,
  clause: Clause,
  { limit, sort }: { readonly limit: number; readonly sort: Sort },
): Promise<{ readonly keys: readonly string[]; readonly total: number }> => {
  const results = await aggregate(client, clause, {
    distinct: { cardinality: { field: KEY_FIELD } },
    groups: {
      terms: { field: KEY_FIELD, size: limit, shard_size: GROUPS_PER_SHARD, order: ORDERS[sort] },
      aggs: sort === "count" ? {} : { [sort]: SORT_AGGS[sort] },
    },
  });
  const { buckets } = results.get("groups", termsSchema);
  return { keys: buckets.map(({ key }) => String(key)), total: results.get("distinct", valueSchema).value ?? 0 };
};

/** The groups with these keys, in the order of `sort`. */
const fetchBuckets = async (
  client: StoreClient,
  clause: Clause,
  keys: readonly string[],
  sort: Sort,
  trend: object,
): Promise<readonly GroupBucket[]> => {
  const search = async (sampleFields: true | readonly string[]): Promise<readonly GroupBucket[]> => {
    const results = await aggregate(client, allOf([clause, terms(KEY_FIELD, keys)]), {
      groups: {
        terms: { field: KEY_FIELD, size: keys.length, include: keys, order: ORDERS[sort] },
        aggs: {
          ...SORT_AGGS,
          first: { min: { field: TIME } },
          sessions: { cardinality: { field: "session.id" } },
          versions: {
            terms: {
              field: "resource.service.version",
              size: MAX_VERSIONS,
              shard_size: VERSIONS_PER_SHARD,
              include: GROUP_VERSION_PATTERN,
            },
            aggs: { first: { min: { field: TIME } } },
          },
          trend: { date_histogram: trend },
          sample: { top_hits: { size: 1, sort: [{ [TIME]: "desc" }], _source: sampleFields } },
        },
      },
    });
    return results.get("groups", groupsSchema).buckets;
  };
  for (const sampleFields of SAMPLE_FIELDS) {
    try {
      return await search(sampleFields);
    } catch (error) {
      if (!(error instanceof ResponseTooLargeError)) throw error;
    }
  }
  return search(SMALL_FIELDS);
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
  options: { readonly limit: number; readonly sort: Sort },
): Promise<GroupsResponse> => {
  const clause = allOf([scope.clause, exists(KEY_FIELD)]);
  const { keys, total } = await findKeys(client, clause, options);
  if (keys.length === 0) return { groups: [], total };
  const bucketMs = Math.max(Math.ceil((span.toMs - span.fromMs) / TREND_BUCKETS), 1);
  const buckets = await fetchBuckets(client, clause, keys, options.sort, {
    field: TIME,
    fixed_interval: `${bucketMs}ms`,
    offset: `${span.fromMs % bucketMs}ms`,
    min_doc_count: 1,
  });
  const groups = buckets.map((bucket) => toGroup(bucket, span, bucketMs));
  return { groups: await withHistory(client, scope.apps, groups), total };
};
