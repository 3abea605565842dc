/**
 * A backlog: OpenSearch is away, and a great many events wait in the broker. Then it comes back, and while the backlog
 * drains, clients of every kind hand over fresh events.
 *
 * Broken when an event is lost or doubled, when events come far out of their order, and when fresh events that do not
 * pass through the broker wait for those that do.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import { fillBroker } from "./fill-broker.ts";
import { readMemory, watchMemory } from "./memory-watch.ts";
import { readTally } from "./read-tally.ts";
import { toRow, type Row, type Tally } from "./row.ts";
import { startSenders, waitOf } from "./senders.ts";
import { countRejected, countStored, readNewestKey, readStored } from "./stored-events.ts";

const FAULT = "backlog, opensearch away";
const PACE = { everyMs: 200, eventsABatch: 2 };
const LOOK_EVERY_MS = 2_000;
const SETTLE_DEADLINE_MS = 300_000;
/** No event of the backlog was stored for this long: it will not get any better. */
const STUCK_MS = 120_000;
/** The share of the backlog that comes one event a message, as from phones; the rest comes in batches. */
const SINGLE_SHARE = 0.8;
const EVENTS_A_BATCH = 50;
/** What the relay may hold at once, in flight and waiting, and as much again that a refused request gives back. */
const MOST_OUT_OF_ORDER = 16_000;

/** A broker that saves a queue of this size stands still for seconds, and clients with a short keepalive leave it. */
const DAMAGE = { breaksClientLink: true };
const RELIANCE = { hasReceipts: false, hasIds: true };

const indexOf = (key: string): number => Number(key.slice(key.lastIndexOf("/") + 1));

export const runBacklog = async (
  line: ChaosStack,
  run: string,
  events: number,
  tell: (text: string) => void,
): Promise<readonly Row[]> => {
  const { opensearch } = line.stack.services;
  const memory = await watchMemory(line);
  await opensearch.stop();

  const fillStarted = Date.now();
  const fill = async (prefix: string, eventsAMessage: number, count: number): Promise<string[]> =>
    fillBroker(line, { prefix, eventsAMessage, next: (done) => count - done });
  const singlePrefix = `${run}/single/`;
  const batchPrefix = `${run}/batch/`;
  const single = await fill(singlePrefix, 1, Math.floor(events * SINGLE_SHARE));
  const batched = await fill(batchPrefix, EVENTS_A_BATCH, events - single.length);
  const backlog = single.length + batched.length;
  await sleep(LOOK_EVERY_MS);
  const waiting = await readMemory(line);
  const fillSeconds = Math.round((Date.now() - fillStarted) / 1_000);
  tell(
    `${backlog} events wait after ${fillSeconds} s: relay ${waiting.relay} MB, broker ${waiting.broker} MB, workerd ${waiting.worker} MB`,
  );

  await opensearch.start();
  const drainStarted = Date.now();
  const senders = await startSenders(line, run, PACE);
  const longestWaitMs = senders.all.map(() => 0);
  let mostOutOfOrder = 0;
  let longestStallMs = 0;
  let stored = 0;
  let lastGainAt = Date.now();
  const countBacklog = async (): Promise<number> =>
    (await countStored(line, singlePrefix)) + (await countStored(line, batchPrefix));
  while (stored < backlog && Date.now() - lastGainAt < STUCK_MS) {
    await sleep(LOOK_EVERY_MS);
    const newest = await readNewestKey(line, singlePrefix);
    const singles = await countStored(line, singlePrefix);
    if (newest !== undefined && singles < single.length) {
      mostOutOfOrder = Math.max(mostOutOfOrder, indexOf(newest) + 1 - singles);
    }
    for (const [i, sender] of senders.all.entries()) {
      const nowMs = Date.now();
      const wait = waitOf(sender, await countStored(line, sender.prefix), nowMs);
      longestWaitMs[i] = Math.max(longestWaitMs[i] ?? 0, wait);
    }
    const now = await countBacklog();
    if (now > stored) {
      longestStallMs = Math.max(longestStallMs, Date.now() - lastGainAt);
      lastGainAt = Date.now();
      stored = now;
    }
  }
  const drainMs = Date.now() - drainStarted;
  senders.pause();
  await senders.settle(SETTLE_DEADLINE_MS);
  await sleep(LOOK_EVERY_MS);
  const peaks = await memory.stop();

  const rows: Row[] = [];
  const add = (client: string, reliance: typeof RELIANCE, tally: Tally, more: string[] = []): void => {
    const row = toRow({ fault: FAULT, client, damage: DAMAGE, reliance, tally, longestStallMs, peaks });
    rows.push({ ...row, broken: [...(row.broken === "" ? [] : [row.broken]), ...more].join(", ") });
  };
  for (const [client, prefix, handedOver] of [
    ["1 a message", singlePrefix, single],
    [`${EVENTS_A_BATCH} a message`, batchPrefix, batched],
  ] as const) {
    const tally = { handedOver, ...(await readStored(line, prefix)), rejected: await countRejected(line, prefix) };
    const isDisordered = prefix === singlePrefix && mostOutOfOrder > MOST_OUT_OF_ORDER;
    add(client, RELIANCE, { ...tally, accountedFor: undefined }, isDisordered ? ["out of order"] : []);
  }
  for (const [i, sender] of senders.all.entries()) {
    const isDirect = /http/.test(sender.client.name);
    const isStarved = isDirect && (longestWaitMs[i] ?? 0) > drainMs / 2;
    add(sender.client.name, sender.client, await readTally(line, sender), isStarved ? ["starved"] : []);
  }
  await senders.stop();
  const waits = senders.all.map(({ client }, i) => `${client.name} ${((longestWaitMs[i] ?? 0) / 1_000).toFixed(1)} s`);
  tell(`Drained in ${Math.round(drainMs / 1_000)} s, ${Math.round((backlog / drainMs) * 1_000)} events/s.`);
  tell(`At most ${mostOutOfOrder} events ahead of their order. Longest wait of a fresh event: ${waits.join(", ")}.`);
  return rows;
};
