/** The runs: each kills or adds processes while clients send. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "../../stack/supervise/service.ts";
import { pickOther } from "../cluster/nodes.ts";
import {
  countEvents,
  startSender,
  startSending,
  type ClientKind,
  type Counts,
  type Sender,
} from "../cluster/senders.ts";
import { killService } from "../support/kill-service.ts";
import { readMetric, type Deployment } from "./deployment.ts";

/** How long a load balancer needs to notice that a process does not respond. Shorter than its restart. */
const WORKER_DETECTION_MS = 200;
const NODE_DETECTION_MS = 2_000;
/** Ten clients send 400 events/s together, in messages of ten events. */
const SEND_MS = 250;

export interface ScaleRun {
  readonly name: string;
  /** Resolves when the deployment is complete again. Returns facts for the report. */
  run(deployment: Deployment): Promise<readonly string[]>;
}

export interface ScaleRow extends Counts {
  readonly run: string;
}

/** Resolves to the seconds until the service is ready again. */
const kill = async (service: Service): Promise<string> => {
  const start = performance.now();
  await killService(service);
  return ((performance.now() - start) / 1_000).toFixed(1);
};

export const RUNS: readonly ScaleRun[] = [
  {
    name: "a relay killed",
    async run({ relays: [, second] }) {
      if (second === undefined) throw new Error("There is no second relay.");
      return [`the second relay was ready again after ${await kill(second)} s`];
    },
  },
  {
    name: "a Worker killed",
    async run({ workers: [first, second], workerSwitch }) {
      const killed = kill(first);
      await sleep(WORKER_DETECTION_MS);
      workerSwitch.use(second.url);
      const seconds = await killed;
      return [
        "the first relay continued with the second Worker",
        `the third relay waited for the first Worker, which was ready again after ${seconds} s`,
      ];
    },
  },
  {
    name: "a fourth relay added",
    run: (deployment) => deployment.addRelay(),
  },
  {
    name: "an OpenSearch node killed",
    async run({ cluster, nodeSwitch }) {
      const manager = await cluster.findManager();
      const node = pickOther(manager);
      nodeSwitch.use(cluster.nodes[node].url);
      const killed = cluster.killNode(node);
      await sleep(NODE_DETECTION_MS);
      nodeSwitch.use(cluster.nodes[manager].url);
      await killed;
      return [`the Workers continued with ${manager}`];
    },
  },
];

/** Clients of each app. The first two apps send over HTTP too, each to another Worker. */
const startClients = async ({ mqttUrl, workers, apps }: Deployment, run: string): Promise<readonly Sender[]> => {
  const senders: Sender[] = [];
  for (const [i, { id, key }] of apps.entries()) {
    const worker = workers[i];
    const httpUrl = (worker ?? workers[0]).url;
    const kinds: readonly ClientKind[] = [
      "mqtt5 receipts",
      "mqtt3 qos 1",
      ...(worker === undefined ? [] : ["http" as const]),
    ];
    for (const kind of kinds) senders.push(await startSender(kind, run, { mqttUrl, httpUrl, app: id, key }));
  }
  return senders;
};

/** Events that each relay has stored, and those that were stored already, since it was started. */
const readShares = async ({ relays }: Deployment): Promise<string> => {
  const read = async (name: string): Promise<string> =>
    (await Promise.all(relays.map((relay) => readMetric(relay, name)))).join(", ");
  return `each relay since it started: ${await read("events_stored_total")} events stored, ${await read("events_duplicate_total")} duplicates`;
};

/** `id` is unique in the deployment. */
export const runScale = async (
  deployment: Deployment,
  { name, run }: ScaleRun,
  id: string,
  durationMs: number,
): Promise<{ readonly rows: readonly ScaleRow[]; readonly notes: readonly string[] }> => {
  await deployment.cluster.recovered();
  const senders = await startClients(deployment, id);
  const stopSending = startSending(senders, SEND_MS);
  await sleep(durationMs / 4);
  const notes = await run(deployment);
  await sleep(durationMs / 4);
  stopSending();
  await deployment.cluster.recovered();
  const counts = await countEvents(deployment, senders);
  return {
    rows: counts.map((each) => ({ run: name, ...each })),
    notes: [...notes, await readShares(deployment)],
  };
};
