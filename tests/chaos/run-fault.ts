/**
 * Runs one fault: clients of every kind send events, the fault occurs, all events settle, and the sent events are compared
 * with those in OpenSearch.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import type { Fault } from "./faults.ts";
import { watchMemory } from "./memory-watch.ts";
import { readTally } from "./read-tally.ts";
import { toRow, type Row } from "./row.ts";
import { sendMarker } from "./send-marker.ts";
import { startSenders } from "./senders.ts";
import { countStored } from "./stored-events.ts";

const PACE = { everyMs: 50, eventsPerBatch: 4 };
const LEAD_MS = 700;
/** All events have settled when none was stored for this long. */
const QUIET_MS = 15_000;
const STALL_TIMEOUT_MS = 90_000;
const SETTLE_DEADLINE_MS = 120_000;

/** Polls until no more events are stored; returns the longest time between two stored events. */
const watchUntilQuiet = async (
  chaos: ChaosStack,
  run: string,
  isSending: () => boolean,
  isComplete: (stored: number) => boolean,
): Promise<number> => {
  let last = -1;
  let lastProgressAt = Date.now();
  let longestStallMs = 0;
  let deadline = Date.now() + STALL_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (isSending()) deadline = Date.now() + STALL_TIMEOUT_MS;
    const stored = await countStored(chaos, run).catch(() => last);
    if (stored > last) {
      longestStallMs = Math.max(longestStallMs, Date.now() - lastProgressAt);
      lastProgressAt = Date.now();
      last = stored;
    }
    if (!isSending() && (isComplete(stored) || Date.now() - lastProgressAt > QUIET_MS)) break;
    await sleep(100);
  }
  return longestStallMs;
};

/** `durationMs`: duration of the fault; faults such as a kill ignore it. */
export const runFault = async (
  chaos: ChaosStack,
  fault: Fault,
  run: string,
  durationMs: number,
): Promise<readonly Row[]> => {
  const memory = await watchMemory(chaos);
  const senders = await startSenders(chaos, run, PACE);
  let isSending = true;
  const total = (): number => senders.all.reduce((sum, { sent }) => sum + sent.length, 0);
  const watching = watchUntilQuiet(
    chaos,
    `${run}/`,
    () => isSending,
    (stored) => stored >= total(),
  );

  await sleep(LEAD_MS);
  await fault.run(chaos, durationMs);
  await sleep(LEAD_MS);
  senders.pause();
  await senders.settle(SETTLE_DEADLINE_MS);
  isSending = false;
  const longestStallMs = await watching;
  // The relay handles messages in order, so a late duplicate is stored before the marker.
  await sendMarker(chaos);
  const peaks = await memory.stop();

  const rows = await Promise.all(
    senders.all.map(async (sender) => {
      const { client } = sender;
      const tally = await readTally(chaos, sender);
      return toRow({
        fault: fault.name,
        client: client.name,
        effects: fault,
        guarantees: client,
        tally,
        longestStallMs,
        peaks,
      });
    }),
  );
  await senders.stop();
  return rows;
};
