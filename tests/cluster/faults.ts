/** Faults of a cluster of three nodes. */
import { statfs, writeFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import { logsIndex } from "#contract/store/index-period.ts";
import { parseBulkResponse } from "../../worker/src/opensearch/parse-bulk-response.ts";
import { queryOpenSearch } from "../support/query-opensearch.ts";
import { waitFor } from "../support/wait-for.ts";
import type { Cluster } from "./cluster.ts";
import { pickOther, type NodeName } from "./nodes.ts";

export interface ClusterFault {
  readonly name: string;
  /** Whether it is in the short list. */
  readonly isShort?: boolean;
  /** The app `late` sends, too. Its index does not exist at the beginning. */
  readonly usesLateApp?: boolean;
  /** Returns why this machine cannot cause the fault, or `undefined`. */
  readonly findObstacle?: (cluster: Cluster) => string | undefined;
  /** Called before the clients start. */
  readonly prepare?: (cluster: Cluster) => Promise<void>;
  /** Causes the fault for about `durationMs`, and ends it. Returns facts for the report. Throws if it has no effect. */
  run(cluster: Cluster, durationMs: number): Promise<readonly string[]>;
}

const setLimit = async ({ stack }: Cluster, limit: number | null): Promise<void> => {
  const settings = { persistent: { "cluster.max_shards_per_node": limit } };
  const { acknowledged } = await queryOpenSearch<{ acknowledged?: boolean }>(
    stack.file.opensearch,
    "/_cluster/settings",
    settings,
    "PUT",
  );
  if (acknowledged !== true) throw new Error(`Setting the shard limit to ${limit} failed.`);
};

/** Its shards fill the cluster up to the limit. */
const FILLER_INDEX = "filler";

interface BulkResponse {
  readonly items?: readonly {
    readonly create: { readonly error?: { readonly type: string; readonly reason: string } };
  }[];
}

/** The error of a bulk item that needs a new index, sent to one node. Throws unless its outcome is `unknown`. */
const readShardLimitError = async ({ nodes }: Cluster, name: NodeName): Promise<string> => {
  const index = logsIndex(90, new Date().toISOString());
  const lines = [{ create: { _index: index, _id: uuidv7() } }, { "@timestamp": Date.now() }];
  const body = `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
  const response = await queryOpenSearch<BulkResponse>(nodes[name].url, "/_bulk?timeout=2s", body);
  const [outcome] = parseBulkResponse(200, response, 1);
  const error = response.items?.[0]?.create.error;
  if (error === undefined || outcome?.state !== "unknown") {
    throw new Error(`The outcome is ${outcome?.state}, not unknown: ${JSON.stringify(response)}`);
  }
  return `${error.type}: ${error.reason}`;
};

const MIB = 1_048_576;
/** Above the flood stage of cluster.ts. */
const FREE_BYTES = 40 * MIB;

const isBlocked = async ({ stack }: Cluster): Promise<boolean> => {
  const path = "/logs-*/_settings/index.blocks.read_only_allow_delete";
  const settings = await queryOpenSearch<object>(stack.file.opensearch, path, undefined, "GET");
  return JSON.stringify(settings).includes('"true"');
};

/** OpenSearch measures the disks every 10 seconds. */
const DISK_WAIT = { deadlineMs: 60_000, pollMs: 500 } as const;

export const FAULTS: readonly ClusterFault[] = [
  {
    name: "shard limit reached",
    isShort: true,
    usesLateApp: true,
    async prepare(cluster) {
      const { opensearch } = cluster.stack.file;
      const health = await queryOpenSearch<{ active_shards: number }>(opensearch, "/_cluster/health", undefined, "GET");
      // The limit of the cluster is this number for each of the three nodes.
      const limit = Math.ceil((health.active_shards + 1) / 3);
      const settings = { number_of_shards: 3 * limit - health.active_shards, number_of_replicas: 0 };
      await queryOpenSearch(opensearch, `/${FILLER_INDEX}`, { settings }, "PUT");
      await setLimit(cluster, limit);
    },
    async run(cluster, durationMs) {
      const manager = await cluster.findManager();
      const other = pickOther(manager);
      const notes = [
        `manager: ${await readShardLimitError(cluster, manager)}`,
        `other node: ${await readShardLimitError(cluster, other)}`,
      ];
      for (const name of [manager, other]) {
        cluster.useNode(name);
        await sleep(durationMs / 4);
      }
      await setLimit(cluster, null);
      await queryOpenSearch(cluster.stack.file.opensearch, `/${FILLER_INDEX}`, undefined, "DELETE");
      return notes;
    },
  },
  {
    name: "a node killed",
    isShort: true,
    async run(cluster) {
      const manager = await cluster.findManager();
      cluster.useNode(manager);
      await cluster.killNode(pickOther(manager));
      return [];
    },
  },
  {
    name: "the cluster manager killed",
    async run(cluster) {
      const manager = await cluster.findManager();
      cluster.useNode(pickOther(manager));
      await cluster.killNode(manager);
      const next = await cluster.findManager();
      return [`manager: ${manager}, then ${next}`];
    },
  },
  {
    name: "the node of the Worker killed, and another one used",
    async run(cluster, durationMs) {
      const manager = await cluster.findManager();
      const node = pickOther(manager);
      cluster.useNode(node);
      await sleep(durationMs / 4);
      const killed = cluster.killNode(node);
      await sleep(2_000);
      cluster.useNode(manager);
      await killed;
      return [];
    },
  },
  {
    name: "a node that is full",
    findObstacle: ({ smallDisk }) => (smallDisk === undefined ? "mounting a file system requires root" : undefined),
    async run(cluster) {
      const { smallDisk = "" } = cluster;
      const { bavail, bsize } = await statfs(smallDisk);
      const file = join(smallDisk, "filler");
      await writeFile(file, Buffer.alloc(Math.max(0, bavail * bsize - FREE_BYTES), "x"));
      try {
        await waitFor("the flood stage", () => isBlocked(cluster), DISK_WAIT);
        await sleep(2_000);
      } finally {
        await rm(file);
      }
      await waitFor("the end of the flood stage", async () => !(await isBlocked(cluster)), DISK_WAIT);
      return [];
    },
  },
];
