/**
 * Clients that send numbered events during a test, and the comparison of the events that they handed over with those in
 * OpenSearch.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosClient, Target } from "../chaos/clients/chaos-client.ts";
import { startHttpClient } from "../chaos/clients/http-client.ts";
import { startQos1Client, startReceiptClient } from "../chaos/clients/mqtt-clients.ts";
import { countRejected, countStored, readStored } from "../chaos/stored-events.ts";
import type { Stack } from "../../stack/stack.ts";

/** Events in one message. */
const BATCH = 10;
const SETTLE_DEADLINE_MS = 120_000;

const STARTS = {
  "mqtt5 receipts": startReceiptClient,
  "mqtt3 qos 1": startQos1Client,
  http: startHttpClient,
} as const;

export type ClientKind = keyof typeof STARTS;

export const CLIENT_KINDS = Object.keys(STARTS) as readonly ClientKind[];

export interface Sender {
  /** App and kind of the client, for the report. */
  readonly name: string;
  readonly client: ChaosClient;
  /** Start of the keys of its events. */
  readonly prefix: string;
  /** Events that the client handed over. */
  readonly keys: string[];
}

export interface Counts {
  readonly client: string;
  /** Events that the client handed over. */
  readonly handed: number;
  readonly lost: number;
  readonly doubled: number;
  /** Events of the client in the rejected store. */
  readonly rejected: number;
  /** Events whose receipt is missing. 0 for clients that do not wait for receipts. */
  readonly withoutReceipt: number;
}

/** Titles of the numbers of {@link Counts}, in the order of {@link toNumbers}. */
export const TITLES = ["handed", "lost", "doubled", "rejected", "no receipt"] as const;

export const toNumbers = ({ handed, lost, doubled, rejected, withoutReceipt }: Counts): readonly number[] => [
  handed,
  lost,
  doubled,
  rejected,
  withoutReceipt,
];

/** The part of a test stack that is used here. */
interface Queryable {
  readonly stack: Stack;
}

/** `run` is unique in the stack. */
export const startSender = async (kind: ClientKind, run: string, target: Omit<Target, "clock">): Promise<Sender> => ({
  name: `${target.app}, ${kind}`,
  client: await STARTS[kind]({ ...target, clock: { shiftMs: 0 } }),
  prefix: `${run}/${target.app}/${kind}/`,
  keys: [],
});

/** Every client sends a batch each `intervalMs` until the returned function is called. */
export const startSending = (senders: readonly Sender[], intervalMs: number): (() => void) => {
  const timer = setInterval(() => {
    for (const { client, prefix, keys } of senders) {
      const batch = Array.from({ length: BATCH }, (_, i) => `${prefix}${keys.length + i}`);
      keys.push(...batch);
      client.send(batch);
    }
  }, intervalMs);
  return () => clearInterval(timer);
};

/** True when all keys are stored. */
const isComplete = async (stack: Queryable, { prefix, keys }: Sender): Promise<boolean> =>
  (await countStored(stack, prefix).catch(() => 0)) >= keys.length;

const countWithoutReceipt = ({ client, keys }: Sender): number =>
  keys.length - (client.countSettled?.() ?? keys.length);

/** Waits until all events are stored and have receipts, at most two minutes, stops the clients and counts their events. */
export const countEvents = async (stack: Queryable, senders: readonly Sender[]): Promise<readonly Counts[]> => {
  const deadline = performance.now() + SETTLE_DEADLINE_MS;
  for (const sender of senders) {
    while (!(await isComplete(stack, sender)) && performance.now() < deadline) await sleep(500);
    while (countWithoutReceipt(sender) > 0 && performance.now() < deadline) await sleep(500);
  }
  // A second copy could still arrive.
  await sleep(1_000);
  return await Promise.all(
    senders.map(async (sender): Promise<Counts> => {
      const { name, client, prefix, keys } = sender;
      await client.stop();
      const { documents, stored } = await readStored(stack, prefix);
      return {
        client: name,
        handed: keys.length,
        lost: keys.filter((key) => !stored.has(key)).length,
        doubled: documents - stored.size,
        rejected: await countRejected(stack, prefix),
        withoutReceipt: countWithoutReceipt(sender),
      };
    }),
  );
};

export const isBroken = ({ handed, lost, doubled, rejected, withoutReceipt }: Counts): boolean =>
  handed === 0 || lost > 0 || doubled > 0 || rejected > 0 || withoutReceipt > 0;
