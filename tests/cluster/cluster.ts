/** A cluster of three OpenSearch nodes, and a stack that uses it. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { makeHome } from "../support/make-home.ts";
import { startStack, type Stack } from "../../stack/stack.ts";
import { createApp, withApps } from "../support/security/apps.ts";
import { startNodes, type ClusterNodes, type NodeName } from "./nodes.ts";
import { startSwitch, type Switch } from "./switch.ts";

/** Size of the file system of `node-3`, if this machine can mount one. The logs of a run need a few megabytes. */
const SMALL_DISK = "256m";

/** An app whose index does not exist before its first event. */
export interface LateApp {
  readonly id: string;
  readonly key: string;
  readonly retentionDays: 7;
}

export interface Cluster extends ClusterNodes {
  /** The node to which the Worker connects. */
  readonly workerNode: Switch;
  readonly stack: Stack;
  readonly late: LateApp;
  /** The directory of `node-3` if it has a small file system, else `undefined`. */
  readonly smallDisk: string | undefined;
  /** Sends the Worker's requests to this node. */
  useNode(name: NodeName): void;
}

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
export const createIndex = async ({ file }: Stack): Promise<void> => {
  const response = await fetch(new URL("/logs", file.worker), {
    method: "POST",
    headers: { Authorization: `Bearer ${file.app.id}:${file.app.key}` },
    body: JSON.stringify({ body: "first" }),
  });
  if (response.status !== 200) throw new Error(`The Worker responded with ${response.status} to the first event.`);
};

export const startCluster = async (): Promise<Cluster> => {
  const home = await makeHome("edgelog-cluster");
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(home, { recursive: true, force: true }));
  const smallDisk = await mountSmallDisk(join(home, "node-3"));
  if (smallDisk !== undefined) cleanup.defer(async () => void (await execa("umount", ["--lazy", smallDisk])));
  const cluster = cleanup.use(await startNodes(home));
  const { nodes } = cluster;
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

  return {
    ...cluster,
    workerNode,
    stack,
    late: { ...late, key },
    smallDisk,
    useNode(name) {
      workerNode.use(nodes[name].url);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
