/**
 * The state of edgelog's indices, from one request to OpenSearch. Cluster health alone does not include blocks, and a full
 * disk leaves the cluster green.
 */
import * as z from "zod";
import { EDGELOG_INDEX_PATTERN, LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import type { HealthProblem, HealthProblemCode } from "#contract/api/health.ts";
import { StoreUnavailableError, type StoreClient } from "./client.ts";

const PATTERNS = [LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN, EDGELOG_INDEX_PATTERN];
const FIELDS = [
  "blocks",
  "routing_table.indices.*.shards.*.state",
  "routing_table.indices.*.shards.*.primary",
  "metadata.indices.*.state",
];
const PARAMETERS = new URLSearchParams({
  expand_wildcards: "all",
  ignore_unavailable: "true",
  allow_no_indices: "true",
  cluster_manager_timeout: "1s",
  filter_path: FIELDS.join(","),
});
const PATH = `/_cluster/state/blocks,metadata,routing_table/${PATTERNS.join(",")}?${PARAMETERS.toString()}`;

/** Ids of OpenSearch's index blocks (IndexMetadata). */
const CLOSED = "4";
const READ_ONLY_ALLOW_DELETE = "12";

/** Ids of blocks while no cluster manager is elected or the state is not recovered (NoClusterManagerBlockService). */
const UNAVAILABLE_BLOCKS: ReadonlySet<string> = new Set(["1", "2"]);

const MAX_NAMED_INDICES = 20;

const NO_NEW_INDICES =
  "OpenSearch refuses requests to create an index, usually because its disks are above 90 % (high watermark). Logs are stored, but " +
  "`npm run reindex` and restoring a backup fail. Above 95 % (flood stage) no log is stored.";

const blocksSchema = z.record(z.string(), z.object({ levels: z.array(z.string()).default([]) }));
const shardSchema = z.object({ state: z.string(), primary: z.boolean() });
const stateSchema = z.object({
  blocks: z
    .object({ global: blocksSchema.default({}), indices: z.record(z.string(), blocksSchema).default({}) })
    .prefault({}),
  metadata: z.object({ indices: z.record(z.string(), z.object({ state: z.string() })).default({}) }).prefault({}),
  routing_table: z
    .object({
      indices: z
        .record(z.string(), z.object({ shards: z.record(z.string(), z.array(shardSchema)).default({}) }))
        .default({}),
    })
    .prefault({}),
});

export interface ClusterState {
  readonly cluster: "green" | "yellow" | "red";
  /** Names of the indices without an available primary shard. */
  readonly red: readonly string[];
  readonly problems: readonly HealthProblem[];
}

const isOurs = (index: string): boolean => PATTERNS.some((pattern) => index.startsWith(pattern.slice(0, -1)));

const preventsWrites = ({ levels }: { readonly levels: readonly string[] }): boolean => levels.includes("write");

/**
 * OpenSearch sets this block while all of its disks are above the high watermark. Requests to create an index fail. Existing indices stay
 * writable, and storing a log still creates its index.
 */
const preventsNewIndices = ({ levels }: { readonly levels: readonly string[] }): boolean =>
  levels.includes("create_index");

const toList = (indices: readonly string[]): string =>
  indices.length > 3 ? `${indices.slice(0, 3).join(", ")} and ${indices.length - 3} more` : indices.join(", ");

const toProblems = (
  code: HealthProblemCode,
  all: readonly string[],
  toMessage: (list: string) => string,
): readonly HealthProblem[] => {
  if (all.length === 0) return [];
  const indices = all.toSorted();
  return [{ code, message: toMessage(toList(indices)), indices: indices.slice(0, MAX_NAMED_INDICES) }];
};

/** Parses the response to the request of {@link fetchClusterState}. Throws {@link StoreUnavailableError}. */
export const parseClusterState = (status: number, body: unknown): ClusterState => {
  const parsed = stateSchema.safeParse(body);
  if (status !== 200 || !parsed.success) throw new StoreUnavailableError("no cluster state", status);
  const { blocks, metadata, routing_table: routing } = parsed.data;
  if (Object.keys(blocks.global).some((id) => UNAVAILABLE_BLOCKS.has(id))) {
    throw new StoreUnavailableError("the cluster has no cluster manager", status);
  }
  const blocked = Object.entries(blocks.indices).filter(([index]) => isOurs(index));
  const closed = new Set([
    ...blocked.flatMap(([index, ids]) => (CLOSED in ids ? [index] : [])),
    ...Object.entries(metadata.indices).flatMap(([index, { state }]) => (state === "close" ? [index] : [])),
  ]);
  const isFull = (ids: object): boolean => READ_ONLY_ALLOW_DELETE in ids;
  const full = blocked.flatMap(([index, ids]) => (isFull(ids) ? [index] : []));
  const readOnly = blocked.flatMap(([index, ids]) =>
    !closed.has(index) && !isFull(ids) && Object.values(ids).some(preventsWrites) ? [index] : [],
  );
  const shards = Object.entries(routing.indices).map(([index, entry]) => ({
    index,
    copies: Object.values(entry.shards).flat(),
  }));
  const isActive = ({ state }: { readonly state: string }): boolean => state === "STARTED" || state === "RELOCATING";
  const red = shards.flatMap(({ index, copies }) =>
    copies.some((copy) => copy.primary && !isActive(copy)) ? [index] : [],
  );
  const isYellow = shards.some(({ copies }) => copies.some((copy) => !isActive(copy)));
  const global = Object.values(blocks.global);
  const isClusterBlocked = global.some(preventsWrites);
  return {
    cluster: red.length > 0 ? "red" : isYellow ? "yellow" : "green",
    red,
    problems: [
      ...(isClusterBlocked
        ? [{ code: "cluster_blocked" as const, message: "The cluster is read-only. No log is stored." }]
        : global.some(preventsNewIndices)
          ? [{ code: "index_creation_blocked" as const, message: NO_NEW_INDICES }]
          : []),
      ...toProblems("index_red", red, (list) => `No copy of ${list} is available. Its logs are not stored or found.`),
      ...toProblems("index_closed", [...closed], (list) => `${list} is closed. Its logs are not stored or found.`),
      ...toProblems(
        "disk_full",
        full,
        (list) => `A disk of OpenSearch is full (flood stage), and ${list} is read-only. Its logs are not stored.`,
      ),
      ...toProblems("index_blocked", readOnly, (list) => `${list} is read-only. Its logs are not stored.`),
    ],
  };
};

/** Throws {@link StoreUnavailableError} when OpenSearch does not respond, or has no cluster manager. */
export const fetchClusterState = async (client: StoreClient): Promise<ClusterState> => {
  const { status, body } = await client.request("GET", PATH);
  return parseClusterState(status, body);
};
