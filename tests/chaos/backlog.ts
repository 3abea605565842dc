/**
 * A backlog: OpenSearch is unavailable while many events queue in the broker. After it recovers, clients of every kind send
 * new events while the backlog drains.
 *
 * Fails when an event is lost or duplicated, when events are stored far out of order, or when new events that do not pass
 * through the broker wait for those that do.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import { fillBroker } from "./fill-broker.ts";
import { readMemory, watchMemory } from "./memory-watch.ts";
import { readTally } from "./read-tally.ts";
import { toRow, type Row, type Tally } from "./row.ts";
import { sendMarker } from "./send-marker.ts";
import { startSenders, toOldestWaitMs } from "./senders.ts";
import { countRejected, countStored, readNewestKey, readStored } from "./stored-events.ts";

const FAULT = "backlog, opensearch stopped";
const PACE = { everyMs: 200, eventsPerBatch: 2 };
const POLL_MS = 2_000;
const SETTLE_DEADLINE_MS = 300_000;
/** Gives up when no event of the backlog was stored for this long. */
const STALL_TIMEOUT_MS = 120_000;
/** Share of the backlog with one event per message, as sent by phones; the rest is sent in batches. */
const SINGLE_SHARE = 0.8;
const EVENTS_PER_BATCH = 50;
/** The relay's limit of queued and in-flight events, doubled for the events of a failed request. */
const MAX_OUT_OF_ORDER = 16_000;

/** Saving a queue of this size blocks the broker for seconds, so clients with a short keepalive disconnect. */
const EFFECTS = { breaksClientLink: true };
const GUARANTEES = { hasReceipts: false, hasIds: true };

const indexOf = (key: string): number => Number(key.slice(key.lastIndexOf("/") + 1));

export const runBacklog = async (
  chaos: ChaosStack,
  run: string,
  events: number,
  print: (text: string) => void,
): Promise<readonly Row[]> => {
  const { opensearch } = chaos.stack.services;
  const memory = await watchMemory(chaos);
  await opensearch.stop();

  const fillStarted = Date.now();
  const fill = async (prefix: string, eventsPerMessage: number, count: number): Promise<string[]> =>
    fillBroker(chaos, { prefix, eventsPerMessage, next: (done) => count - done });
  const singlePrefix = `${run}/single/`;
  const batchPrefix = `${run}/batch/`;
  const single = await fill(singlePrefix, 1, Math.floor(events * SINGLE_SHARE));
  const batched = await fill(batchPrefix, EVENTS_PER_BATCH, events - single.length);
  const backlog = single.length + batched.length;
  await sleep(POLL_MS);
  const waiting = await readMemory(chaos);
  const fillSeconds = Math.round((Date.now() - fillStarted) / 1_000);
  print(
    `${backlog} events queued after ${fillSeconds} s: relay ${waiting.relay} MB, broker ${waiting.broker} MB, workerd ${waiting.worker} MB`,
  );

  await opensearch.start();
  const drainStarted = Date.now();
  const senders = await startSenders(chaos, run, PACE);
  const longestWaitMs = senders.all.map(() => 0);
  let mostOutOfOrder = 0;
  let longestStallMs = 0;
  let stored = 0;
  let lastProgressAt = Date.now();
  const countBacklog = async (): Promise<number> =>
    (await countStored(chaos, singlePrefix)) + (await countStored(chaos, batchPrefix));
  while (stored < backlog && Date.now() - lastProgressAt < STALL_TIMEOUT_MS) {
    await sleep(POLL_MS);
    const newest = await readNewestKey(chaos, singlePrefix);
    const singles = await countStored(chaos, singlePrefix);
    if (newest !== undefined && singles < single.length) {
      mostOutOfOrder = Math.max(mostOutOfOrder, indexOf(newest) + 1 - singles);
    }
    for (const [i, sender] of senders.all.entries()) {
      const nowMs = Date.now();
      const wait = toOldestWaitMs(sender, await countStored(chaos, sender.prefix), nowMs);
      longestWaitMs[i] = Math.max(longestWaitMs[i] ?? 0, wait);
    }
    const now = await countBacklog();
    if (now > stored) {
      longestStallMs = Math.max(longestStallMs, Date.now() - lastProgressAt);
      lastProgressAt = Date.now();
      stored = now;
    }
  }
  const drainMs = Date.now() - drainStarted;
  senders.pause();
  await senders.settle(SETTLE_DEADLINE_MS);
  await sendMarker(chaos);
  const peaks = await memory.stop();

  const rows: Row[] = [];
  const add = (client: string, guarantees: typeof GUARANTEES, tally: Tally, more: string[] = []): void => {
    const row = toRow({ fault: FAULT, client, effects: EFFECTS, guarantees, tally, longestStallMs, peaks });
    rows.push({ ...row, broken: [...(row.broken === "" ? [] : [row.broken]), ...more].join(", ") });
  };
  for (const [client, prefix, sent] of [
    ["1 per message", singlePrefix, single],
    [`${EVENTS_PER_BATCH} per message`, batchPrefix, batched],
  ] as const) {
    const tally = { sent, ...(await readStored(chaos, prefix)), rejected: await countRejected(chaos, prefix) };
    const isDisordered = prefix === singlePrefix && mostOutOfOrder > MAX_OUT_OF_ORDER;
    add(client, GUARANTEES, { ...tally, settled: undefined }, isDisordered ? ["out of order"] : []);
  }
  for (const [i, sender] of senders.all.entries()) {
    const isDirect = /http/.test(sender.client.name);
    const isStarved = isDirect && (longestWaitMs[i] ?? 0) > drainMs / 2;
    add(sender.client.name, sender.client, await readTally(chaos, sender), isStarved ? ["starved"] : []);
  }
  await senders.stop();
  const waits = senders.all.map(({ client }, i) => `${client.name} ${((longestWaitMs[i] ?? 0) / 1_000).toFixed(1)} s`);
  print(`Drained in ${Math.round(drainMs / 1_000)} s, ${Math.round((backlog / drainMs) * 1_000)} events/s.`);
  print(`At most ${mostOutOfOrder} events out of order. Longest wait of a new event: ${waits.join(", ")}.`);
  return rows;
};
