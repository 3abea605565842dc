/**
 * Reads the state that retention depends on, and stores its deletions. `request` is the only method of the client that is used,
 * so that `npm run retention` can use these functions, too.
 */
import * as z from "zod";
import {
  HOLDS_ID,
  holdsSchema,
  RETENTION_INDEX,
  retentionRunSchema,
  type Hold,
  type RetentionRun,
} from "#contract/store/retention.ts";
import { LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { StoreUnavailableError, type StoreClient } from "../opensearch/client.ts";
import { parseResponse } from "../opensearch/search.ts";
import { terms, type Clause } from "../query/clauses.ts";
import type { Disk, StoredIndex } from "./plan-retention.ts";

type Store = Pick<StoreClient, "request">;

const countSchema = z.coerce.number().catch(0);
const indicesSchema = z.array(
  z.object({ index: z.string(), "docs.count": countSchema, "docs.deleted": countSchema, "store.size": countSchema }),
);

/** All indices of logs and rejected events, also closed ones, whose size is unknown and counts as 0. */
export const fetchIndices = async (client: Store): Promise<readonly StoredIndex[]> => {
  const options = "format=json&bytes=b&h=index,docs.count,docs.deleted,store.size&expand_wildcards=open,closed";
  const path = `/_cat/indices/${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN}?${options}`;
  const rows = parseResponse(await client.request("GET", path), indicesSchema);
  return rows.map((row) => ({
    name: row.index,
    documents: row["docs.count"],
    deletedDocuments: row["docs.deleted"],
    bytes: row["store.size"],
  }));
};

const disksSchema = z.object({
  nodes: z
    .record(
      z.string(),
      z.object({
        fs: z.object({ total: z.object({ total_in_bytes: z.number(), available_in_bytes: z.number() }) }).optional(),
      }),
    )
    .default({}),
});

const DISKS_PATH = "/_nodes/data:true/stats/fs?filter_path=nodes.*.fs.total";

/** The disks of the nodes with data. `undefined` if the user of OpenSearch may not read them. */
export const fetchDisks = async (client: Store): Promise<readonly Disk[] | undefined> => {
  const response = await client.request("GET", DISKS_PATH);
  if (response.status === 403) return undefined;
  return Object.values(parseResponse(response, disksSchema).nodes).flatMap(({ fs }) =>
    fs === undefined
      ? []
      : [
          {
            totalBytes: fs.total.total_in_bytes,
            usedBytes: fs.total.total_in_bytes - fs.total.available_in_bytes,
          },
        ],
  );
};

const totalSchema = z.object({ count: z.int(), _shards: z.object({ failed: z.int() }) });

/** Documents of one index that match a clause. Throws {@link StoreUnavailableError} if a shard is missing. */
export const countDocuments = async (client: Store, index: string, query: Clause): Promise<number> => {
  const response = await client.request("POST", `/${index}/_count`, { query });
  const { count, _shards: shards } = parseResponse(response, totalSchema);
  if (shards.failed > 0) throw new StoreUnavailableError("a shard is missing", response.status);
  return count;
};

const holdsDocumentSchema = z.object({ _source: holdsSchema, _seq_no: z.int(), _primary_term: z.int() });

const heldSchema = z.object({
  aggregations: z.object({
    indices: z.object({ buckets: z.array(z.object({ key: z.string(), doc_count: z.int() })) }),
  }),
});

const MAX_INDICES = 10_000;

/**
 * Adds the number of documents of these apps to each index. An index that is closed or red has no number: the plan counts it as if
 * nothing were on hold, and its deletion is preceded by an exact count.
 */
export const addHeldDocuments = async (
  client: Store,
  indices: readonly StoredIndex[],
  apps: readonly string[],
): Promise<readonly StoredIndex[]> => {
  // The response of a search without an index has no aggregations.
  if (apps.length === 0 || indices.length === 0) return indices;
  const path = `/${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN}/_search?ignore_unavailable=true`;
  const response = await client.request("POST", path, {
    size: 0,
    query: terms("edgelog.app", apps),
    aggs: { indices: { terms: { field: "_index", size: MAX_INDICES } } },
  });
  const { buckets } = parseResponse(response, heldSchema).aggregations.indices;
  const counts = new Map(buckets.map(({ key, doc_count: count }) => [key, count]));
  return indices.map((index) => {
    const heldDocuments = counts.get(index.name);
    return heldDocuments === undefined ? index : { ...index, heldDocuments };
  });
};

interface StoredHolds {
  readonly holds: readonly Hold[];
  /** Parameters of a write that fails if the document has changed since it was read. */
  readonly condition: string;
}

const fetchStoredHolds = async (client: Store): Promise<StoredHolds> => {
  const response = await client.request("GET", `/${RETENTION_INDEX}/_doc/${HOLDS_ID}`);
  if (response.status === 404) return { holds: [], condition: "op_type=create" };
  const { _source, _seq_no: seqNo, _primary_term: primaryTerm } = parseResponse(response, holdsDocumentSchema);
  return { holds: _source.holds, condition: `if_seq_no=${seqNo}&if_primary_term=${primaryTerm}` };
};

/** The apps whose documents must not be deleted. Throws unless OpenSearch confirms that there are none. */
export const fetchHolds = async (client: Store): Promise<readonly Hold[]> => (await fetchStoredHolds(client)).holds;

const toPath = (id: string, parameters = ""): string => `/${RETENTION_INDEX}/_doc/${id}?refresh=true${parameters}`;

const assertWritten = (status: number): void => {
  if (status !== 200 && status !== 201) throw new StoreUnavailableError("writing to edgelog-retention failed", status);
};

/** How often a change of the holds is repeated because of concurrent changes. */
const MAX_CONFLICTS = 20;

/** Changes the holds. `change` is called again with the current holds if they were changed at the same time, so that no hold is lost. */
export const updateHolds = async (
  client: Store,
  change: (holds: readonly Hold[]) => readonly Hold[],
): Promise<void> => {
  for (let conflicts = 0; ; conflicts += 1) {
    const { holds, condition } = await fetchStoredHolds(client);
    const { status } = await client.request("PUT", toPath(HOLDS_ID, `&${condition}`), { holds: change(holds) });
    if (status !== 409 || conflicts === MAX_CONFLICTS) return assertWritten(status);
  }
};

export const putRun = async (client: Store, id: string, run: RetentionRun): Promise<void> =>
  assertWritten((await client.request("PUT", toPath(id), run)).status);

const runsSchema = z.object({ hits: z.object({ hits: z.array(z.object({ _source: retentionRunSchema })) }) });

/** The latest runs that deleted something, newest first. */
export const fetchRuns = async (client: Store, size: number): Promise<readonly RetentionRun[]> => {
  const path = `/${RETENTION_INDEX}/_search?ignore_unavailable=true&allow_no_indices=true`;
  const sort = [{ at: { order: "desc", unmapped_type: "date" } }];
  const body = { size, sort, query: { exists: { field: "at" } } };
  return parseResponse(await client.request("POST", path, body), runsSchema).hits.hits.map(({ _source }) => _source);
};
