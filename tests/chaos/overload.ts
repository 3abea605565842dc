/**
 * Overload: for minutes, clients send three times the rate that OpenSearch accepts, then OpenSearch recovers.
 *
 * Fails when an event is lost or duplicated, when the broker drops one, when the memory of relay or Worker grows with the
 * duration, or when latency does not return to normal.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import { fillBroker } from "./fill-broker.ts";
import { watchMemory } from "./memory-watch.ts";
import { readTally } from "./read-tally.ts";
import { toRow, type Peaks, type Row } from "./row.ts";
import { sendMarker } from "./send-marker.ts";
import { startSenders, toOldestWaitMs, type Senders } from "./senders.ts";
import { countRejected, countStored, readStored } from "./stored-events.ts";

const FAULT = "overload";
const DOCUMENTS_PER_SECOND = 1_500;
const OVERLOAD_FACTOR = 3;
const PACE = { everyMs: 1_000, eventsPerBatch: 20 };
const SETTLE_DEADLINE_MS = 300_000;
const POLL_MS = 1_000;
/** Gives up when no event was stored for this long. */
const STALL_TIMEOUT_MS = 120_000;
const STEADY_MS = 10_000;
/** Maximum time until a new event is searchable after recovery, including the index refresh and the poll interval. */
const STEADY_WAIT_MS = 5_000;
/** Maximum ratio of peak memory in the second half to the first half. */
const MAX_GROWTH = 1.25;

const GUARANTEES = { hasReceipts: false, hasIds: true };

const readDropped = async ({ stack }: ChaosStack): Promise<number> => {
  const health = await fetch(stack.file.relayHealth);
  return ((await health.json()) as { brokerDroppedMessages?: number }).brokerDroppedMessages ?? 0;
};

const merge = (one: Peaks, other: Peaks): Peaks => ({
  relayPeakMb: Math.max(one.relayPeakMb, other.relayPeakMb),
  brokerPeakMb: Math.max(one.brokerPeakMb, other.brokerPeakMb),
  workerPeakMb: Math.max(one.workerPeakMb, other.workerPeakMb),
});

const longestWait = async (chaos: ChaosStack, { all }: Senders): Promise<number> => {
  const waits = all.map(async (sender) => toOldestWaitMs(sender, await countStored(chaos, sender.prefix), Date.now()));
  return Math.max(...(await Promise.all(waits)));
};

export const runOverload = async (
  chaos: ChaosStack,
  run: string,
  seconds: number,
  print: (text: string) => void,
): Promise<readonly Row[]> => {
  chaos.opensearch.mode = { kind: "throttled", documentsPerSecond: DOCUMENTS_PER_SECOND };
  const senders = await startSenders(chaos, run, PACE);
  const sendersPerSecond = (senders.all.length * PACE.eventsPerBatch * 1_000) / PACE.everyMs;
  const perSecond = OVERLOAD_FACTOR * DOCUMENTS_PER_SECOND - sendersPerSecond;
  const prefix = `${run}/fill/`;
  const startedMs = Date.now();
  const next = async (sent: number): Promise<number> => {
    await sleep(100);
    const elapsedMs = Date.now() - startedMs;
    return elapsedMs > seconds * 1_000 ? 0 : Math.max(1, Math.floor((elapsedMs * perSecond) / 1_000) - sent);
  };
  const filling = fillBroker(chaos, { prefix, eventsPerMessage: 1, next });

  let memory = await watchMemory(chaos);
  await sleep(seconds * 500);
  const firstHalf = await memory.stop();
  memory = await watchMemory(chaos);
  const sent = await filling;
  const secondHalf = await memory.stop();
  const waiting = sent.length - (await countStored(chaos, prefix));
  const waitMs = await longestWait(chaos, senders);
  print(
    `${sent.length} events in ${seconds} s: ${waiting} not stored; the oldest new event waits for ${Math.round(waitMs / 1_000)} s.`,
  );
  print(`First half: ${JSON.stringify(firstHalf)}. Second half: ${JSON.stringify(secondHalf)}.`);

  memory = await watchMemory(chaos);
  chaos.opensearch.mode = { kind: "healthy" };
  const healthyMs = Date.now();
  let lastGainMs = Date.now();
  let longestStallMs = 0;
  let stored = 0;
  while (Date.now() - lastGainMs < STALL_TIMEOUT_MS) {
    await sleep(POLL_MS);
    const now = await countStored(chaos, run);
    if (stored >= sent.length && (await longestWait(chaos, senders)) < STEADY_WAIT_MS) break;
    if (now === stored) continue;
    longestStallMs = Math.max(longestStallMs, Date.now() - lastGainMs);
    lastGainMs = Date.now();
    stored = now;
  }
  const recoveredMs = Date.now() - healthyMs;
  let steadyWaitMs = 0;
  for (const end = Date.now() + STEADY_MS; Date.now() < end; await sleep(POLL_MS)) {
    steadyWaitMs = Math.max(steadyWaitMs, await longestWait(chaos, senders));
  }
  senders.pause();
  await senders.settle(SETTLE_DEADLINE_MS);
  await sendMarker(chaos);
  const peaks = merge(merge(firstHalf, secondHalf), await memory.stop());
  const dropped = await readDropped(chaos);
  print(
    `Recovered in ${Math.round(recoveredMs / 1_000)} s; the longest wait of a new event after that was ${steadyWaitMs} ms.`,
  );
  print(`The broker dropped ${dropped} messages.`);

  const broken = [
    ...(dropped > 0 ? ["dropped"] : []),
    ...(secondHalf.relayPeakMb > firstHalf.relayPeakMb * MAX_GROWTH ? ["relay grows"] : []),
    ...(secondHalf.workerPeakMb > firstHalf.workerPeakMb * MAX_GROWTH ? ["worker grows"] : []),
    ...(steadyWaitMs > STEADY_WAIT_MS ? ["not steady"] : []),
  ];
  const tally = { sent, ...(await readStored(chaos, prefix)), rejected: await countRejected(chaos, prefix) };
  const filled = toRow({
    fault: FAULT,
    client: "1 per message",
    effects: {},
    guarantees: GUARANTEES,
    tally: { ...tally, settled: undefined },
    longestStallMs,
    peaks,
  });
  const rows: Row[] = [{ ...filled, broken: [filled.broken, ...broken].filter((text) => text !== "").join(", ") }];
  for (const sender of senders.all) {
    const { client } = sender;
    const own = await readTally(chaos, sender);
    rows.push(
      toRow({ fault: FAULT, client: client.name, effects: {}, guarantees: client, tally: own, longestStallMs, peaks }),
    );
  }
  await senders.stop();
  return rows;
};
