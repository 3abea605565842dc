/** The thread of the victim. Its own event loop, so that the work of the attacker in this process does not delay its receipts. */
import { parentPort, workerData } from "node:worker_threads";
import type { ChaosClient, Target } from "../chaos/clients/chaos-client.ts";
import { startHttpClient } from "../chaos/clients/http-client.ts";
import { startReceiptClient } from "../chaos/clients/mqtt-clients.ts";
import { epochMs, TRANSPORTS, type Times, type VictimCommand, type VictimOptions } from "./victim.ts";

const EVERY_MS = 100;

interface Sending {
  readonly client: ChaosClient;
  readonly prefix: string;
  readonly handedOverMs: Map<string, number>;
  readonly receiptMs: Map<string, number>;
}

const { run, ...options } = workerData as VictimOptions;
const port = parentPort;
if (port === null) throw new Error("This file is the program of a worker thread.");

const startSending = async (name: string, start: (target: Target) => Promise<ChaosClient>): Promise<Sending> => {
  const receiptMs = new Map<string, number>();
  const client = await start({
    ...options,
    clock: { shiftMs: 0 },
    onReceipt: (keys) => {
      for (const key of keys) receiptMs.set(key, epochMs());
    },
  });
  return { client, prefix: `${run}/${name}/`, handedOverMs: new Map(), receiptMs };
};

const sendings = {
  mqtt: await startSending("mqtt", startReceiptClient),
  http: await startSending("http", startHttpClient),
};
const timer = setInterval(() => {
  for (const { client, prefix, handedOverMs } of Object.values(sendings)) {
    const key = `${prefix}${handedOverMs.size}`;
    handedOverMs.set(key, epochMs());
    client.send([key]);
  }
}, EVERY_MS);

port.on("message", (command: VictimCommand) => {
  if (command === "pause") clearInterval(timer);
  if (command === "stop") {
    clearInterval(timer);
    void Promise.all(Object.values(sendings).map(({ client }) => client.stop())).then(() => port.close());
    return;
  }
  const times = Object.fromEntries(
    TRANSPORTS.map((name): [string, Times] => {
      const { handedOverMs, receiptMs } = sendings[name];
      return [name, { handedOverMs, receiptMs }];
    }),
  );
  port.postMessage(times);
});
port.postMessage("started");
