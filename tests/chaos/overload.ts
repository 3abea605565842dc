/**
 * Overload: for minutes, clients hand over three times what OpenSearch takes. Then OpenSearch is fast again.
 *
 * Broken when an event is lost or doubled, when the broker dropped one, when the memory of what only passes logs on grows
 * with the time that it lasts, and when the line does not come back to a steady state.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import { fillBroker } from "./fill-broker.ts";
import { watchMemory } from "./memory-watch.ts";
import { readTally } from "./read-tally.ts";
import { toRow, type Peaks, type Row } from "./row.ts";
import { startSenders, waitOf, type Senders } from "./senders.ts";
import { countRejected, countStored, readStored } from "./stored-events.ts";

const FAULT = "overload";
const DOCUMENTS_PER_SECOND = 1_500;
const OVERLOAD = 3;
const PACE = { everyMs: 1_000, eventsABatch: 20 };
const SETTLE_DEADLINE_MS = 300_000;
const LOOK_EVERY_MS = 1_000;
/** Nothing more was stored for this long: it will not get any better. */
const STUCK_MS = 120_000;
const STEADY_MS = 10_000;
/** A fresh event waits no longer than this in a steady state, the index's refresh and our looking included. */
const STEADY_WAIT_MS = 5_000;
/** What the second half of an overload may weigh more than the first. */
const GROWTH = 1.25;

const RELIANCE = { hasReceipts: false, hasIds: true };

const readDropped = async ({ stack }: ChaosStack): Promise<number> => {
  const health = await fetch(stack.file.relayHealth);
  return ((await health.json()) as { brokerDroppedMessages?: number }).brokerDroppedMessages ?? 0;
};

const merge = (one: Peaks, other: Peaks): Peaks => ({
  relayPeakMb: Math.max(one.relayPeakMb, other.relayPeakMb),
  brokerPeakMb: Math.max(one.brokerPeakMb, other.brokerPeakMb),
  workerPeakMb: Math.max(one.workerPeakMb, other.workerPeakMb),
});

const longestWait = async (line: ChaosStack, { all }: Senders): Promise<number> => {
  const waits = all.map(async (sender) => waitOf(sender, await countStored(line, sender.prefix), Date.now()));
  return Math.max(...(await Promise.all(waits)));
};

export const runOverload = async (
  line: ChaosStack,
  run: string,
  seconds: number,
  tell: (text: string) => void,
): Promise<readonly Row[]> => {
  line.store.mood = { kind: "throttled", documentsPerSecond: DOCUMENTS_PER_SECOND };
  const senders = await startSenders(line, run, PACE);
  const sendersPerSecond = (senders.all.length * PACE.eventsABatch * 1_000) / PACE.everyMs;
  const perSecond = OVERLOAD * DOCUMENTS_PER_SECOND - sendersPerSecond;
  const prefix = `${run}/fill/`;
  const startedMs = Date.now();
  const next = async (handedOver: number): Promise<number> => {
    await sleep(100);
    const elapsedMs = Date.now() - startedMs;
    return elapsedMs > seconds * 1_000 ? 0 : Math.max(1, Math.floor((elapsedMs * perSecond) / 1_000) - handedOver);
  };
  const filling = fillBroker(line, { prefix, eventsAMessage: 1, next });

  let memory = await watchMemory(line);
  await sleep(seconds * 500);
  const firstHalf = await memory.stop();
  memory = await watchMemory(line);
  const handedOver = await filling;
  const secondHalf = await memory.stop();
  const waiting = handedOver.length - (await countStored(line, prefix));
  const waitMs = await longestWait(line, senders);
  tell(
    `${handedOver.length} events in ${seconds} s: ${waiting} wait, and the oldest fresh one ${Math.round(waitMs / 1_000)} s.`,
  );
  tell(`First half: ${JSON.stringify(firstHalf)}. Second half: ${JSON.stringify(secondHalf)}.`);

  memory = await watchMemory(line);
  line.store.mood = { kind: "healthy" };
  const healthyMs = Date.now();
  let lastGainMs = Date.now();
  let longestStallMs = 0;
  let stored = 0;
  while (Date.now() - lastGainMs < STUCK_MS) {
    await sleep(LOOK_EVERY_MS);
    const now = await countStored(line, run);
    if (stored >= handedOver.length && (await longestWait(line, senders)) < STEADY_WAIT_MS) break;
    if (now === stored) continue;
    longestStallMs = Math.max(longestStallMs, Date.now() - lastGainMs);
    lastGainMs = Date.now();
    stored = now;
  }
  const recoveredMs = Date.now() - healthyMs;
  let steadyWaitMs = 0;
  for (const end = Date.now() + STEADY_MS; Date.now() < end; await sleep(LOOK_EVERY_MS)) {
    steadyWaitMs = Math.max(steadyWaitMs, await longestWait(line, senders));
  }
  senders.pause();
  await senders.settle(SETTLE_DEADLINE_MS);
  await sleep(LOOK_EVERY_MS);
  const peaks = merge(merge(firstHalf, secondHalf), await memory.stop());
  const dropped = await readDropped(line);
  tell(
    `Recovered in ${Math.round(recoveredMs / 1_000)} s; after that no fresh event waited longer than ${steadyWaitMs} ms.`,
  );
  tell(`The broker dropped ${dropped} messages.`);

  const broken = [
    ...(dropped > 0 ? ["dropped"] : []),
    ...(secondHalf.relayPeakMb > firstHalf.relayPeakMb * GROWTH ? ["relay grows"] : []),
    ...(secondHalf.workerPeakMb > firstHalf.workerPeakMb * GROWTH ? ["worker grows"] : []),
    ...(steadyWaitMs > STEADY_WAIT_MS ? ["not steady"] : []),
  ];
  const tally = { handedOver, ...(await readStored(line, prefix)), rejected: await countRejected(line, prefix) };
  const filled = toRow({
    fault: FAULT,
    client: "1 a message",
    damage: {},
    reliance: RELIANCE,
    tally: { ...tally, accountedFor: undefined },
    longestStallMs,
    peaks,
  });
  const rows: Row[] = [{ ...filled, broken: [filled.broken, ...broken].filter((text) => text !== "").join(", ") }];
  for (const sender of senders.all) {
    const { client } = sender;
    const own = await readTally(line, sender);
    rows.push(
      toRow({ fault: FAULT, client: client.name, damage: {}, reliance: client, tally: own, longestStallMs, peaks }),
    );
  }
  await senders.stop();
  return rows;
};
