/** Snapshots of OpenSearch in a directory: all logs, rejected events, alert rules, usage and erasures. */
import * as z from "zod";
import { EDGELOG_INDEX_PATTERN, LOGS_INDEX_PATTERN, REJECTED_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { isNotFound, OpenSearchError, type OpenSearch } from "../../opensearch/connect.ts";
import { StackError } from "../lib/stack-error.ts";

export const REPOSITORY = "edgelog";

const INDICES = `${LOGS_INDEX_PATTERN},${REJECTED_INDEX_PATTERN},${EDGELOG_INDEX_PATTERN}`;

/**
 * Registers a directory as repository.
 *
 * @param location Path on every node, inside `path.repo` of opensearch.yml. May be relative to it.
 */
export const registerRepository = async (opensearch: OpenSearch, location: string): Promise<void> => {
  try {
    await opensearch.request("PUT", `/_snapshot/${REPOSITORY}`, { type: "fs", settings: { location, compress: true } });
  } catch (error) {
    if (!(error instanceof OpenSearchError) || error.status === undefined) throw error;
    throw new StackError(
      `OpenSearch cannot use ${location}: ${error.message}\nThe directory must be in path.repo of every node, and writable.`,
    );
  }
};

const snapshotSchema = z.object({
  snapshot: z.string(),
  state: z.string(),
  indices: z.array(z.string()),
  start_time_in_millis: z.number(),
});
const snapshotsSchema = z.object({ snapshots: z.array(snapshotSchema) });

export type Snapshot = z.output<typeof snapshotSchema>;

/** Oldest first. Throws a {@link StackError} if there is no repository. */
export const listSnapshots = async (opensearch: OpenSearch): Promise<readonly Snapshot[]> => {
  try {
    const { snapshots } = snapshotsSchema.parse(await opensearch.request("GET", `/_snapshot/${REPOSITORY}/_all`));
    return snapshots.toSorted((a, b) => a.start_time_in_millis - b.start_time_in_millis);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new StackError("There is no repository. Pass --location PATH once.");
  }
};

const resultSchema = z.object({ snapshot: snapshotSchema });

/** Creates a snapshot and waits for it. Only what changed since the last one is copied. Throws if a shard is missing. */
export const createSnapshot = async (opensearch: OpenSearch, nowMs: number): Promise<Snapshot> => {
  const name = `edgelog-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-").toLowerCase()}`;
  const body = {
    indices: INDICES,
    // Without hidden indices: an interrupted reindex can leave one. A copy that has replaced its index is found by its alias.
    expand_wildcards: "open,closed",
    ignore_unavailable: true,
    include_global_state: false,
    partial: false,
  };
  const { snapshot } = resultSchema.parse(
    await opensearch.request("PUT", `/_snapshot/${REPOSITORY}/${name}?wait_for_completion=true`, body),
  );
  if (snapshot.state !== "SUCCESS")
    throw new StackError(`The snapshot ${name} is incomplete (${snapshot.state}): some shards were not saved.`);
  return snapshot;
};

/** Deletes all but the newest `keep` snapshots. Returns the names of the deleted ones. */
export const pruneSnapshots = async (opensearch: OpenSearch, keep: number): Promise<readonly string[]> => {
  const old = (await listSnapshots(opensearch)).slice(0, -keep).map(({ snapshot }) => snapshot);
  for (const name of old) await opensearch.request("DELETE", `/_snapshot/${REPOSITORY}/${name}`);
  return old;
};
