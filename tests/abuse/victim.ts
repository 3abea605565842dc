/**
 * The victim: ten events a second over MQTT 5 with receipts, and ten over HTTP, each with an id. It resends an event until
 * its receipt arrives.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosClient, Target } from "../chaos/clients/chaos-client.ts";
import { startHttpClient } from "../chaos/clients/http-client.ts";
import { startReceiptClient } from "../chaos/clients/mqtt-clients.ts";
import { countStored, readStored } from "../chaos/stored-events.ts";
import type { AbuseStack } from "./abuse-stack.ts";
import type { Delivered } from "./row.ts";

const EVERY_MS = 100;

export interface Victim extends AsyncDisposable {
  /** Stops sending new events. */
  pause(): void;
  /** Resolves when every event has its receipt, or after `deadlineMs`. */
  settle(deadlineMs: number): Promise<void>;
  /**
   * Reads the stored events. `outage` is a time in which no event can be stored: events of that time count as handed over
   * at its end.
   */
  readDelivered(outage: Outage | undefined): Promise<{ readonly mqtt: Delivered; readonly http: Delivered }>;
}

export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Sending {
  readonly client: ChaosClient;
  readonly prefix: string;
  readonly handedOverMs: Map<string, number>;
  readonly receiptMs: ReadonlyMap<string, number>;
}

const startSending = async (
  { stack, victim }: AbuseStack,
  prefix: string,
  start: (target: Target) => Promise<ChaosClient>,
): Promise<Sending> => {
  const receiptMs = new Map<string, number>();
  const client = await start({
    mqttUrl: stack.file.mqtt,
    httpUrl: stack.file.worker.replace(/\/$/, ""),
    app: victim.id,
    key: victim.key,
    clock: { shiftMs: 0 },
    onReceipt: (keys) => {
      for (const key of keys) receiptMs.set(key, performance.now());
    },
  });
  return { client, prefix, handedOverMs: new Map(), receiptMs };
};

const toLatency = (handedOverMs: number, receiptMs: number, outage: Outage | undefined): number => {
  const isInOutage = outage !== undefined && handedOverMs >= outage.fromMs && handedOverMs < outage.toMs;
  return Math.max(0, receiptMs - (isInOutage ? outage.toMs : handedOverMs));
};

export const startVictim = async (abuse: AbuseStack, run: string): Promise<Victim> => {
  const all = {
    mqtt: await startSending(abuse, `${run}/mqtt/`, startReceiptClient),
    http: await startSending(abuse, `${run}/http/`, startHttpClient),
  };
  const timer = setInterval(() => {
    for (const { client, prefix, handedOverMs } of Object.values(all)) {
      const key = `${prefix}${handedOverMs.size}`;
      handedOverMs.set(key, performance.now());
      client.send([key]);
    }
  }, EVERY_MS);

  const read = async (sending: Sending, outage: Outage | undefined): Promise<Delivered> => {
    const { prefix, handedOverMs, receiptMs } = sending;
    const nowMs = performance.now();
    const settled = new Set(receiptMs.keys());
    // Refreshes the indices. Throws while OpenSearch is unavailable.
    await countStored(abuse, prefix);
    return {
      sent: [...handedOverMs.keys()],
      settled,
      ...(await readStored(abuse, prefix)),
      latenciesMs: [...handedOverMs].map(([key, atMs]) => toLatency(atMs, receiptMs.get(key) ?? nowMs, outage)),
    };
  };
  return {
    pause: () => clearInterval(timer),
    async settle(deadlineMs) {
      const isSettled = (): boolean =>
        Object.values(all).every(({ handedOverMs, receiptMs }) => receiptMs.size === handedOverMs.size);
      for (const deadline = performance.now() + deadlineMs; !isSettled() && performance.now() < deadline;) {
        await sleep(EVERY_MS);
      }
    },
    readDelivered: async (outage) => ({ mqtt: await read(all.mqtt, outage), http: await read(all.http, outage) }),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(Object.values(all).map(({ client }) => client.stop()));
    },
  };
};
