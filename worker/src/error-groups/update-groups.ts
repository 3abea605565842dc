/**
 * Keeps the history of error groups up to date: each minute with the logs that arrived lately, each hour with those of a
 * day, and with a whole index before retention deletes it. So an error is known as long as any of these runs saw it.
 */
import * as z from "zod";
import {
  ERROR_GROUPS_INDEX,
  GROUP_VERSION_PATTERN,
  MAX_GROUP_VERSIONS,
  MAX_GROUPS_PER_APP,
  toErrorGroupId,
  type ErrorGroup,
} from "#contract/store/error-group.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#contract/wire/durations.ts";
import { logWarning } from "../logger.ts";
import { ResponseTooLargeError, StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { searchWithin } from "../opensearch/search.ts";
import { allOf, exists, range, type Clause } from "../query/clauses.ts";
import { findGroups, MAX_GROUPS_BYTES, trimGroups, writeGroups, type GroupWrite } from "./group-store.ts";
import { isChanged, mergeGroups } from "./merge-group.ts";

const KEY_FIELD = "error.grouping_key";

/** Groups in one page of the aggregation, and pages in one run. The groups above that are left to the next run. */
const MAX_PAGE_SIZE = 500;
const MAX_PAGES = 40;

/** Logs that arrived this long ago are counted each minute. Longer than a run can be late. */
const RECENT_MS = 15 * MINUTE_MS;

/** Longer than messages usually wait in the broker while OpenSearch is unavailable: they keep their time of arrival. */
const CATCH_UP_MS = DAY_MS + HOUR_MS;

const timeSchema = z.object({ value_as_string: z.string().optional(), value: z.number().nullable() });

const pageSchema = z.object({
  aggregations: z
    .object({
      groups: z.object({
        after_key: z.record(z.string(), z.string()).optional(),
        buckets: z.array(
          z.object({
            key: z.object({ app: z.string(), key: z.string() }),
            first: timeSchema,
            last: timeSchema,
            versions: z.object({ buckets: z.array(z.object({ key: z.string(), first: timeSchema })) }),
          }),
        ),
      }),
    })
    .optional(),
});

type Page = NonNullable<z.output<typeof pageSchema>["aggregations"]>["groups"];

const toIso = ({ value }: z.output<typeof timeSchema>): string => new Date(value ?? 0).toISOString();

const toGroup = ({ key: { app, key }, first, last, versions }: Page["buckets"][number]): ErrorGroup => ({
  app,
  key,
  firstSeen: toIso(first),
  lastSeen: toIso(last),
  versions: versions.buckets
    .map(({ key: version, first: seen }) => ({ version, firstSeen: toIso(seen) }))
    .toSorted((a, b) => (a.firstSeen < b.firstSeen ? -1 : 1)),
});

const fetchPage = async (
  client: StoreClient,
  query: Clause,
  { size, after }: { readonly size: number; readonly after: Page["after_key"] },
  indices: string | undefined,
): Promise<Page | undefined> => {
  const first = { min: { field: "@timestamp" } };
  const groups = {
    composite: {
      size,
      sources: [{ app: { terms: { field: "edgelog.app" } } }, { key: { terms: { field: KEY_FIELD } } }],
      ...(after === undefined ? {} : { after }),
    },
    aggs: {
      first,
      last: { max: { field: "@timestamp" } },
      versions: {
        terms: {
          field: "resource.service.version",
          size: MAX_GROUP_VERSIONS,
          order: { first: "asc" },
          include: GROUP_VERSION_PATTERN,
        },
        aggs: { first },
      },
    },
  };
  const body = { size: 0, track_total_hits: false, query, aggs: { groups } };
  return (await searchWithin(client, MAX_GROUPS_BYTES, body, pageSchema, indices)).aggregations?.groups;
};

const storePage = async (client: StoreClient, found: readonly ErrorGroup[]): Promise<void> => {
  const stored = await findGroups(
    client,
    found.map(({ app, key }) => toErrorGroupId(app, key)),
  );
  const writes = found.flatMap((group): readonly GroupWrite[] => {
    const replaces = stored.get(toErrorGroupId(group.app, group.key));
    if (replaces === undefined) return [{ group, replaces }];
    const merged = mergeGroups(replaces.group, group);
    return isChanged(replaces.group, merged) ? [{ group: merged, replaces }] : [];
  });
  await writeGroups(client, writes);
};

/** Sorts after all grouping keys, so the page after it starts with the next app. */
const LAST_KEY = "\u{10ffff}";

/** Where the next page starts: after the groups that an app may have, with the next app. */
const toNext = (found: readonly ErrorGroup[], countOfApp: Map<string, number>): Page["after_key"] => {
  for (const { app } of found) countOfApp.set(app, (countOfApp.get(app) ?? 0) + 1);
  const last = found.at(-1);
  if (last === undefined) return undefined;
  const { app, key } = last;
  return { app, key: (countOfApp.get(app) ?? 0) < MAX_GROUPS_PER_APP ? key : LAST_KEY };
};

/**
 * Adds the groups of the logs that match a clause. Returns whether all of them were added. The groups of an app that cannot be
 * stored do not stop those of the others: the first error is thrown at the end.
 */
const addGroups = async (client: StoreClient, clause: Clause, indices?: string): Promise<boolean> => {
  const query = allOf([clause, exists(KEY_FIELD)]);
  const countOfApp = new Map<string, number>();
  let after: Page["after_key"];
  let size = MAX_PAGE_SIZE;
  let failure: StoreUnavailableError | undefined;
  for (let count = 0; count < MAX_PAGES; count += 1) {
    let page: Page | undefined;
    try {
      page = await fetchPage(client, query, { size, after }, indices);
    } catch (error) {
      if (!(error instanceof ResponseTooLargeError) || size === 1) throw error;
      size = Math.max(Math.floor(size / 4), 1);
      continue;
    }
    const found = page?.buckets.map(toGroup) ?? [];
    try {
      await storePage(client, found);
    } catch (error) {
      // Without a response, the next page would fail, too.
      if (!(error instanceof StoreUnavailableError) || error.status === undefined) throw error;
      failure ??= error;
    }
    if (found.length < size) {
      if (failure !== undefined) throw failure;
      return true;
    }
    after = toNext(found, countOfApp);
    size = Math.min(size * 2, MAX_PAGE_SIZE);
  }
  if (failure !== undefined) throw failure;
  return false;
};

const arrivedSince = (ms: number): Clause => range("observedTimestamp", { gte: ms, format: "epoch_millis" });

const hasIndex = async (client: StoreClient): Promise<boolean> => {
  const { status, body } = await client.request("GET", `/_cat/indices/${ERROR_GROUPS_INDEX}*?format=json&h=index`);
  return status === 200 && Array.isArray(body) && body.length > 0;
};

/** Adds the groups of the logs that arrived in the last minutes; at first of all stored logs. Throws `StoreUnavailableError`. */
export const updateErrorGroups = async (client: StoreClient, nowMs: number): Promise<void> => {
  const sinceMs = (await hasIndex(client)) ? nowMs - RECENT_MS : 0;
  if (!(await addGroups(client, arrivedSince(sinceMs)))) {
    logWarning("not all error groups of the last minutes were stored: there are too many", {
      limit: MAX_PAGE_SIZE * MAX_PAGES,
    });
  }
};

/** Adds the groups of the last day, and deletes those above the limit of an app. Throws `StoreUnavailableError`. */
export const catchUpErrorGroups = async (client: StoreClient, nowMs: number): Promise<void> => {
  await addGroups(client, arrivedSince(nowMs - CATCH_UP_MS));
  await trimGroups(client);
};

/** Adds the groups of logs that are about to be deleted. Throws `StoreUnavailableError`. */
export const saveErrorGroups = async (client: StoreClient, index: string, clause: Clause): Promise<void> => {
  await addGroups(client, clause, index);
};
