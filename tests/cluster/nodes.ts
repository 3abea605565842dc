/** Three OpenSearch nodes, each in its own process. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reservePort } from "../../stack/lib/ports.ts";
import { startOpenSearch, type OpenSearch } from "../../stack/services/opensearch.ts";
import { killService } from "../support/kill-service.ts";
import { queryOpenSearch } from "../support/query-opensearch.ts";

const NAMES = ["node-1", "node-2", "node-3"] as const;
const HEAP = "512m";
const READY_DEADLINE_MS = 120_000;

export type NodeName = (typeof NAMES)[number];

export interface ClusterNodes extends AsyncDisposable {
  readonly nodes: Readonly<Record<NodeName, OpenSearch>>;
  /** The elected cluster manager. Throws if there is none. */
  findManager(): Promise<NodeName>;
  /** Resolves when all nodes have joined and every shard has its copies. */
  recovered(): Promise<void>;
  /** Kills a node with SIGKILL. The supervisor starts it again; resolves when it responds. */
  killNode(name: NodeName): Promise<void>;
}

/** Any node except these. */
export const pickOther = (...excluded: readonly NodeName[]): NodeName => {
  const other = NAMES.toReversed().find((name) => !excluded.includes(name));
  if (other === undefined) throw new Error("All nodes are excluded.");
  return other;
};

const startAll = async (home: string): Promise<ClusterNodes["nodes"]> => {
  const ports = await Promise.all(NAMES.map(() => reservePort()));
  const start = async (name: NodeName, i: number): Promise<OpenSearch> =>
    await startOpenSearch({
      home: join(home, name),
      heap: HEAP,
      settings: {
        "node.name": name,
        "transport.port": String(ports[i]),
        // The runner's default is a single node.
        "discovery.type": "zen",
        "discovery.seed_hosts": ports.map((port) => `127.0.0.1:${port}`).join(","),
        "cluster.initial_cluster_manager_nodes": NAMES.join(","),
        // The small file system of a node is measured every 10 seconds, the minimum.
        "cluster.info.update.interval": "10s",
        "cluster.routing.allocation.disk.watermark.low": "120mb",
        "cluster.routing.allocation.disk.watermark.high": "100mb",
        "cluster.routing.allocation.disk.watermark.flood_stage": "80mb",
      },
    });
  const started = await Promise.allSettled(NAMES.map(start));
  const nodes = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const failure = started.find((each) => each.status === "rejected");
  if (failure !== undefined) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw failure.reason;
  }
  return Object.fromEntries(NAMES.map((name, i) => [name, nodes[i]])) as Record<NodeName, OpenSearch>;
};

/** Each node has a directory with its name in `home`. */
export const startNodes = async (home: string): Promise<ClusterNodes> => {
  const nodes = await startAll(home);
  const findManager = async (): Promise<NodeName> => {
    for (const { url } of Object.values(nodes)) {
      const found = await queryOpenSearch<{ node?: NodeName }[]>(
        url,
        "/_cat/cluster_manager?format=json&h=node&cluster_manager_timeout=2s",
        undefined,
        "GET",
      ).catch(() => []);
      const name = Array.isArray(found) ? found[0]?.node : undefined;
      if (name !== undefined) return name;
    }
    throw new Error("The cluster has no manager.");
  };
  return {
    nodes,
    findManager,
    async recovered() {
      const deadline = performance.now() + READY_DEADLINE_MS;
      for (;;) {
        const path = `/_cluster/health?wait_for_nodes=${NAMES.length}&wait_for_status=green&timeout=2s`;
        const all = await Promise.all(
          Object.values(nodes).map(({ url }) =>
            queryOpenSearch<{ timed_out?: boolean }>(url, path, undefined, "GET").catch(() => undefined),
          ),
        );
        if (all.every((health) => health?.timed_out === false)) return;
        if (performance.now() > deadline) throw new Error(`The cluster did not recover: ${JSON.stringify(all)}`);
        await sleep(500);
      }
    },
    killNode: (name) => killService(nodes[name]),
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(nodes).map((node) => node.stop()));
    },
  };
};
