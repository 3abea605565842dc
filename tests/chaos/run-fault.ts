/**
 * One fault: clients of every kind send, the fault strikes, everything comes to rest, and what was handed over is held
 * against what OpenSearch holds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import type { Fault } from "./faults.ts";
import { watchMemory } from "./memory-watch.ts";
import { readTally } from "./read-tally.ts";
import { toRow, type Row } from "./row.ts";
import { startSenders } from "./senders.ts";
import { countStored } from "./stored-events.ts";

const PACE = { everyMs: 50, eventsABatch: 4 };
const LEAD_MS = 700;
/** Nothing new came in for this long: the line is at rest. */
const QUIET_MS = 1_500;
const REST_DEADLINE_MS = 90_000;
const SETTLE_DEADLINE_MS = 120_000;

/** Watches the store gain events until nothing comes any more; the longest pause before the last gain. */
const watchUntilQuiet = async (
  line: ChaosStack,
  run: string,
  isSending: () => boolean,
  isComplete: (stored: number) => boolean,
): Promise<number> => {
  let last = -1;
  let lastGainAt = Date.now();
  let longestStallMs = 0;
  let deadline = Date.now() + REST_DEADLINE_MS;
  while (Date.now() < deadline) {
    if (isSending()) deadline = Date.now() + REST_DEADLINE_MS;
    const stored = await countStored(line, run).catch(() => last);
    if (stored > last) {
      longestStallMs = Math.max(longestStallMs, Date.now() - lastGainAt);
      lastGainAt = Date.now();
      last = stored;
    }
    if (!isSending() && (isComplete(stored) || Date.now() - lastGainAt > 10 * QUIET_MS)) break;
    await sleep(100);
  }
  return longestStallMs;
};

/** `holdMs`: how long the fault lasts, where it lasts. */
export const runFault = async (
  line: ChaosStack,
  fault: Fault,
  run: string,
  holdMs: number,
): Promise<readonly Row[]> => {
  const memory = await watchMemory(line);
  const senders = await startSenders(line, run, PACE);
  let isSending = true;
  const total = (): number => senders.all.reduce((sum, { handedOver }) => sum + handedOver.length, 0);
  const watching = watchUntilQuiet(
    line,
    `${run}/`,
    () => isSending,
    (stored) => stored >= total(),
  );

  await sleep(LEAD_MS);
  await fault.run(line, holdMs);
  await sleep(LEAD_MS);
  senders.pause();
  await senders.settle(SETTLE_DEADLINE_MS);
  isSending = false;
  const longestStallMs = await watching;
  // A late duplicate would come now.
  await sleep(QUIET_MS);
  await countStored(line, run);
  const peaks = await memory.stop();

  const rows = await Promise.all(
    senders.all.map(async (sender) => {
      const { client } = sender;
      const tally = await readTally(line, sender);
      return toRow({
        fault: fault.name,
        client: client.name,
        damage: fault,
        reliance: client,
        tally,
        longestStallMs,
        peaks,
      });
    }),
  );
  await senders.stop();
  return rows;
};
