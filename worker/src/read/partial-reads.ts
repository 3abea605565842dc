/**
 * Lets the searches of one request succeed although shards are missing, and collects the missing shards. A request that does not
 * use this, such as the check of an alert, fails instead of counting too few logs.
 */
import type { Incomplete } from "#contract/api/incomplete.ts";
import { parseIndexPeriod } from "#contract/store/index-period.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { fetchClusterState } from "../opensearch/cluster-state.ts";
import { FULL_TIME_RANGE, type TimeRange } from "./scope.ts";

export interface PartialReads {
  /** A client whose searches may be incomplete. */
  readonly client: StoreClient;
  /**
   * The shards that the searches of this client lack; `undefined` if they are complete.
   *
   * @param range Time range of the searches. Indices of periods outside of it do not count: they have no matching logs.
   */
  readonly findIncomplete: (range?: TimeRange) => Promise<Incomplete | undefined>;
}

const isInRange = (index: string, { fromMs = -Infinity, toMs = Infinity }: TimeRange): boolean => {
  const period = parseIndexPeriod(index);
  return period === undefined || (period.startMs < toMs && period.endMs > fromMs);
};

const matches = (index: string, pattern: string): boolean => index.startsWith(pattern.replace(/\*$/, ""));

export const createPartialReads = (store: StoreClient): PartialReads => {
  /** Failed shards by index pattern. Searches of the same pattern lack the same shards, so the largest number counts. */
  const failedByPattern = new Map<string, number>();
  const named = new Set<string>();

  /** OpenSearch does not name the index of a shard that is not assigned to a node. */
  const findRedIndices = async (): Promise<readonly string[]> => {
    const { red } = await fetchClusterState(store).catch(() => ({ red: [] }));
    return red.filter((index) => [...failedByPattern.keys()].some((pattern) => matches(index, pattern)));
  };

  return {
    client: {
      ...store,
      onMissingShards: ({ pattern, failed, indices }) => {
        failedByPattern.set(pattern, Math.max(failedByPattern.get(pattern) ?? 0, failed));
        for (const index of indices) named.add(index);
      },
    },
    async findIncomplete(range = FULL_TIME_RANGE) {
      const failedShards = [...failedByPattern.values()].reduce((sum, failed) => sum + failed, 0);
      if (failedShards === 0) return undefined;
      const red = named.size < failedShards ? await findRedIndices() : [];
      const all = [...new Set([...named, ...red])].toSorted();
      const indices = all.filter((index) => isInRange(index, range));
      // Indices have one shard each. Without a name for every shard, the range cannot exclude any.
      if (all.length < failedShards) return { failedShards, indices: all };
      return indices.length === 0 ? undefined : { failedShards: indices.length, indices };
    },
  };
};
