/**
 * Runs one fault of the cluster while clients send, and compares the events that they handed over with those in OpenSearch.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosClient, Target } from "../chaos/clients/chaos-client.ts";
import { startHttpClient } from "../chaos/clients/http-client.ts";
import { startQos1Client, startReceiptClient } from "../chaos/clients/mqtt-clients.ts";
import { countRejected, countStored, readStored } from "../chaos/stored-events.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterFault } from "./faults.ts";

const SEND_MS = 100;
/** Events in one message. */
const BATCH = 10;
const SETTLE_DEADLINE_MS = 120_000;

export interface ClusterRow {
  readonly fault: string;
  readonly client: string;
  /** Events that the client handed over. */
  readonly handed: number;
  readonly lost: number;
  readonly doubled: number;
  /** Events of all clients of the row in the rejected store. */
  readonly rejected: number;
}

export interface FaultOutcome {
  readonly rows: readonly ClusterRow[];
  /** Facts that the fault reports, for instance an error of OpenSearch. */
  readonly notes: readonly string[];
}

const STARTS: Readonly<Record<string, (target: Target) => Promise<ChaosClient>>> = {
  "mqtt5 receipts": startReceiptClient,
  "mqtt3 qos 1": startQos1Client,
  http: startHttpClient,
};

interface Sender {
  readonly name: string;
  readonly client: ChaosClient;
  readonly prefix: string;
  readonly keys: string[];
}

/** True when all keys are stored. */
const isComplete = async ({ stack }: Cluster, { prefix, keys }: Sender): Promise<boolean> =>
  (await countStored({ stack }, prefix).catch(() => 0)) >= keys.length;

export const runFault = async (
  cluster: Cluster,
  fault: ClusterFault,
  run: string,
  durationMs: number,
): Promise<FaultOutcome> => {
  const { stack, late } = cluster;
  await cluster.recovered();
  await fault.prepare?.(cluster);
  const apps = { demo: stack.file.app, late };
  const senders: Sender[] = [];
  for (const [app, { id, key }] of Object.entries(apps)) {
    if (app === "late" && fault.usesLateApp !== true) continue;
    for (const [name, start] of Object.entries(STARTS)) {
      const client = await start({
        mqttUrl: stack.file.mqtt,
        httpUrl: stack.file.worker.replace(/\/$/, ""),
        app: id,
        key,
        clock: { shiftMs: 0 },
      });
      senders.push({ name: `${app}, ${name}`, client, prefix: `${run}/${app}/${name}/`, keys: [] });
    }
  }
  const timer = setInterval(() => {
    for (const { client, prefix, keys } of senders) {
      const batch = Array.from({ length: BATCH }, (_, i) => `${prefix}${keys.length + i}`);
      keys.push(...batch);
      client.send(batch);
    }
  }, SEND_MS);
  await sleep(durationMs / 4);
  const notes = await fault.run(cluster, durationMs);
  await sleep(durationMs / 4);
  clearInterval(timer);
  await cluster.recovered();

  const deadline = performance.now() + SETTLE_DEADLINE_MS;
  for (const sender of senders) {
    while (!(await isComplete(cluster, sender)) && performance.now() < deadline) await sleep(500);
  }
  // A second copy could still arrive.
  await sleep(1_000);
  const rows = await Promise.all(
    senders.map(async ({ name, client, prefix, keys }): Promise<ClusterRow> => {
      await client.stop();
      await countStored(cluster, prefix);
      const { documents, stored } = await readStored(cluster, prefix);
      return {
        fault: fault.name,
        client: name,
        handed: keys.length,
        lost: keys.filter((key) => !stored.has(key)).length,
        doubled: documents - stored.size,
        rejected: await countRejected(cluster, prefix),
      };
    }),
  );
  return { rows, notes };
};

export const isBroken = ({ handed, lost, doubled, rejected }: ClusterRow): boolean =>
  handed === 0 || lost > 0 || doubled > 0 || rejected > 0;
