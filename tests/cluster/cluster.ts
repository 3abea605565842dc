/** A cluster of three OpenSearch nodes, each in its own process, and a stack that uses it. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { reservePort } from "../../stack/lib/ports.ts";
import { startOpenSearch, type OpenSearch } from "../../stack/services/opensearch.ts";
import { startStack, type Stack } from "../../stack/stack.ts";
import { createApp, withApps } from "../support/security/apps.ts";
import { queryOpenSearch } from "../support/query-opensearch.ts";
import { startSwitch, type Switch } from "./switch.ts";

const NAMES = ["node-1", "node-2", "node-3"] as const;
const HEAP = "512m";
/** Size of the file system of `node-3`, if this machine can mount one. The logs of a run need a few megabytes. */
const SMALL_DISK = "256m";
const READY_DEADLINE_MS = 120_000;

export type NodeName = (typeof NAMES)[number];

/** An app whose index does not exist before its first event. */
export interface LateApp {
  readonly id: string;
  readonly key: string;
  readonly retentionDays: 7;
}

export interface Cluster extends AsyncDisposable {
  readonly nodes: Readonly<Record<NodeName, OpenSearch>>;
  /** The node to which the Worker connects. */
  readonly workerNode: Switch;
  readonly stack: Stack;
  readonly late: LateApp;
  /** The directory of `node-3` if it has a small file system, else `undefined`. */
  readonly smallDisk: string | undefined;
  /** The elected cluster manager. Throws if there is none. */
  findManager(): Promise<NodeName>;
  /** Sends the Worker's requests to this node. */
  useNode(name: NodeName): void;
  /** Resolves when all nodes have joined and every shard has its copies. */
  recovered(): Promise<void>;
}

const startNodes = async (home: string): Promise<Readonly<Record<NodeName, OpenSearch>>> => {
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

/** Returns `undefined` if the machine cannot mount a file system, which needs root. */
const mountSmallDisk = async (directory: string): Promise<string | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  await mkdir(directory, { recursive: true });
  const { failed } = await execa("mount", ["-t", "tmpfs", "-o", `size=${SMALL_DISK}`, "tmpfs", directory], {
    reject: false,
  });
  return failed ? undefined : directory;
};

/** Stores an event, so that the index of the demo app exists. */
const createIndex = async ({ file }: Stack): Promise<void> => {
  const response = await fetch(new URL("/logs", file.worker), {
    method: "POST",
    headers: { Authorization: `Bearer ${file.app.id}:${file.app.key}` },
    body: JSON.stringify({ body: "first" }),
  });
  if (response.status !== 200) throw new Error(`The Worker responded with ${response.status} to the first event.`);
};

export const startCluster = async (): Promise<Cluster> => {
  const home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "edgelog-cluster-"));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(home, { recursive: true, force: true }));
  const smallDisk = await mountSmallDisk(join(home, "node-3"));
  if (smallDisk !== undefined) cleanup.defer(async () => void (await execa("umount", ["--lazy", smallDisk])));
  const nodes = await startNodes(home);
  cleanup.defer(async () => void (await Promise.all(Object.values(nodes).map((node) => node.stop()))));
  const workerNode = cleanup.use(await startSwitch(nodes["node-1"].url));
  const stack = await startStack({
    home: join(home, "stack"),
    opensearchUrl: nodes["node-1"].url,
    workerOpensearchUrl: workerNode.url,
  });
  cleanup.defer(() => stack.stop());
  const late = { id: "late", retentionDays: 7 } as const;
  const key = await withApps(join(home, "stack"), (registry) => createApp(registry, late.id, late));
  await createIndex(stack);
  const resources = cleanup.move();

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
    workerNode,
    stack,
    late: { ...late, key },
    smallDisk,
    findManager,
    useNode(name) {
      workerNode.use(nodes[name].url);
    },
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
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
