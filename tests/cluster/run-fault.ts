/** Runs one fault of the cluster while clients send. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import type { ClusterFault } from "./faults.ts";
import { CLIENT_KINDS, countEvents, startSender, startSending, type Counts, type Sender } from "./senders.ts";

const SEND_MS = 100;

export interface ClusterRow extends Counts {
  readonly fault: string;
}

export interface FaultOutcome {
  readonly rows: readonly ClusterRow[];
  /** Facts that the fault reports, for instance an error of OpenSearch. */
  readonly notes: readonly string[];
}

export const runFault = async (
  cluster: Cluster,
  fault: ClusterFault,
  run: string,
  durationMs: number,
): Promise<FaultOutcome> => {
  const { stack, late } = cluster;
  await cluster.recovered();
  await fault.prepare?.(cluster);
  const senders: Sender[] = [];
  for (const { id: app, key } of fault.usesLateApp === true ? [stack.file.app, late] : [stack.file.app]) {
    const target = { mqttUrl: stack.file.mqtt, httpUrl: stack.file.worker.replace(/\/$/, ""), app, key };
    for (const kind of CLIENT_KINDS) senders.push(await startSender(kind, run, target));
  }
  const stopSending = startSending(senders, SEND_MS);
  await sleep(durationMs / 4);
  const notes = await fault.run(cluster, durationMs);
  await sleep(durationMs / 4);
  stopSending();
  await cluster.recovered();
  const counts = await countEvents(cluster, senders);
  return { rows: counts.map((each) => ({ fault: fault.name, ...each })), notes };
};
