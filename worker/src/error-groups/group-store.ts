/**
 * Reads and writes the documents of error groups. A write is conditional on the version that was read: of two concurrent runs
 * one loses, and a later run repeats its work.
 */
import { Buffer } from "node:buffer";
import * as z from "zod";
import {
  ERROR_GROUPS_INDEX,
  errorGroupSchema,
  MAX_GROUPS_PER_APP,
  toErrorGroupId,
  type ErrorGroup,
} from "#contract/store/error-group.ts";
import { ResponseTooLargeError, StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { search, searchWithin } from "../opensearch/search.ts";

/** A group with the version of its document; without one it is new. */
export interface StoredGroup {
  readonly group: ErrorGroup;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

const pageSchema = z.object({
  hits: z.object({
    hits: z.array(z.object({ _id: z.string(), _source: errorGroupSchema, _seq_no: z.int(), _primary_term: z.int() })),
  }),
});

/** Maximum size of one request or response, as JSON. The versions in a group are chosen by senders. */
export const MAX_GROUPS_BYTES = 8_388_608;

/** The stored groups with these ids, by id. Throws `StoreUnavailableError`. */
export const findGroups = async (
  client: StoreClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredGroup>> => {
  if (ids.length === 0) return new Map();
  try {
    return await findPage(client, ids);
  } catch (error) {
    if (!(error instanceof ResponseTooLargeError) || ids.length === 1) throw error;
    const half = Math.ceil(ids.length / 2);
    return new Map([...(await findGroups(client, ids.slice(0, half))), ...(await findGroups(client, ids.slice(half)))]);
  }
};

const findPage = async (client: StoreClient, ids: readonly string[]): Promise<ReadonlyMap<string, StoredGroup>> => {
  const body = {
    size: ids.length,
    track_total_hits: false,
    seq_no_primary_term: true,
    query: { ids: { values: ids } },
  };
  const { hits } = await searchWithin(client, MAX_GROUPS_BYTES, body, pageSchema, ERROR_GROUPS_INDEX);
  return new Map(
    hits.hits.map(({ _id, _source, _seq_no, _primary_term }) => [
      _id,
      { group: _source, seqNo: _seq_no, primaryTerm: _primary_term },
    ]),
  );
};

/** A group to write, with the document that it replaces. */
export interface GroupWrite {
  readonly group: ErrorGroup;
  readonly replaces: StoredGroup | undefined;
}

const toLines = ({ group, replaces }: GroupWrite): string => {
  const target = { _index: ERROR_GROUPS_INDEX, _id: toErrorGroupId(group.app, group.key) };
  const action =
    replaces === undefined
      ? { create: target }
      : { index: { ...target, if_seq_no: replaces.seqNo, if_primary_term: replaces.primaryTerm } };
  return `${JSON.stringify(action)}\n${JSON.stringify(group)}\n`;
};

const bulkSchema = z.object({
  items: z.array(z.record(z.string(), z.object({ status: z.int() }))),
});

const CONFLICT = 409;

/** Size of a bulk request. OpenSearch recommends 3 to 5 MB, and refuses requests above 100 MB. */
const MAX_BULK_BYTES = 4_194_304;

/** The lines of the writes in requests of at most {@link MAX_BULK_BYTES}. */
const toBulks = (writes: readonly GroupWrite[]): readonly Buffer[] => {
  const bulks: Buffer[][] = [];
  let bytes = Infinity;
  for (const write of writes) {
    const lines = Buffer.from(toLines(write));
    bytes += lines.byteLength;
    if (bytes > MAX_BULK_BYTES) {
      bulks.push([]);
      bytes = lines.byteLength;
    }
    bulks.at(-1)?.push(lines);
  }
  return bulks.map((each) => Buffer.concat(each));
};

/**
 * Writes groups. A conflict is ignored: a later run writes the group again. Throws `StoreUnavailableError` for any other failure,
 * after it has sent all groups.
 */
export const writeGroups = async (client: StoreClient, writes: readonly GroupWrite[]): Promise<void> => {
  let failedStatus: number | undefined;
  for (const lines of toBulks(writes)) {
    const { status, body } = await client.postLines("/_bulk", lines, new AbortController().signal);
    const parsed = bulkSchema.safeParse(body);
    const isWritten =
      status === 200 &&
      parsed.data?.items.every((item) =>
        Object.values(item).every(({ status: code }) => code < 300 || code === CONFLICT),
      );
    if (isWritten !== true) failedStatus ??= status;
  }
  if (failedStatus !== undefined) throw new StoreUnavailableError("writing error groups failed", failedStatus);
};

const countsSchema = z.object({
  aggregations: z
    .object({ apps: z.object({ buckets: z.array(z.object({ key: z.string(), doc_count: z.int() })) }) })
    .optional(),
});

const lastSeenSchema = z.object({ hits: z.object({ hits: z.array(z.object({ _source: errorGroupSchema })) }) });

/** Apps that are checked for too many groups in one run: those with the most groups. */
const CHECKED_APPS = 100;

/** Deletes the groups above the limit of an app: those that were not seen for the longest time. */
export const trimGroups = async (client: StoreClient): Promise<void> => {
  const aggs = { apps: { terms: { field: "app", size: CHECKED_APPS } } };
  const { aggregations } = await search(client, { size: 0, aggs }, countsSchema, ERROR_GROUPS_INDEX);
  for (const { key: app, doc_count: count } of aggregations?.apps.buckets ?? []) {
    if (count <= MAX_GROUPS_PER_APP) continue;
    const ofApp = { term: { app } };
    const body = { size: 1, from: MAX_GROUPS_PER_APP - 1, sort: [{ lastSeen: "desc" }], query: ofApp };
    const [last] = (await search(client, body, lastSeenSchema, ERROR_GROUPS_INDEX)).hits.hits;
    if (last === undefined) continue;
    const query = { bool: { filter: [ofApp, { range: { lastSeen: { lt: last._source.lastSeen } } }] } };
    await client.request("POST", `/${ERROR_GROUPS_INDEX}/_delete_by_query?conflicts=proceed`, { query });
  }
};
