/** The memory of the relay while events wait during an outage of OpenSearch, and after it. */
import { setTimeout as sleep } from "node:timers/promises";
import { readMemoryKib, type MemoryField } from "../../tests/support/process-memory.ts";
import type { Row } from "../row.ts";
import { publishBacklog, readStored, waitUntilStored } from "../support/drain.ts";
import { toFigure } from "../support/figure.ts";
import { deleteLogs } from "../support/logs.ts";

const WAITING_EVENTS = 1_000_000;

/** The broker's queue has a limit of 512 MB: in messages with one event, only a part of a million fits. */
const EVENTS_PER_MESSAGE = 10;

const SETTLE_MS = 2_000;
const KIB_PER_MB = 1e6 / 1_024;
const MARK = { atMost: 120 };

const readMb = (pid: number | undefined, field: MemoryField): number => readMemoryKib(pid, field) / KIB_PER_MB;

export const relayMemory: Row = {
  name: "relay-memory",
  summary: "memory of the relay with 1,000,000 events waiting",
  run: async ({ stack: openStack, log }) => {
    const stack = await openStack();
    const { relay, opensearch } = stack.services;
    // Without the memory that it used in earlier rows.
    await relay.stop();
    await relay.start();
    const before = await readStored(stack);
    await opensearch.stop();
    await publishBacklog(stack, WAITING_EVENTS, EVENTS_PER_MESSAGE);
    await sleep(SETTLE_MS);
    const waitingMb = readMb(relay.pid, "VmRSS");
    log(`relay-memory: ${Math.round(waitingMb)} MB with ${WAITING_EVENTS} events waiting`);
    await opensearch.start();
    const started = performance.now();
    await waitUntilStored(stack, before, WAITING_EVENTS);
    const seconds = (performance.now() - started) / 1_000;
    const peakMb = readMb(relay.pid, "VmHWM");
    await deleteLogs(stack);
    return {
      figures: [
        toFigure([waitingMb], { name: "while 1,000,000 events wait", unit: "MB", mark: MARK }),
        toFigure([peakMb], { name: "at most, until all are stored", unit: "MB", mark: MARK }),
        toFigure([seconds], { name: "time until all are stored, after OpenSearch has started", unit: "s" }),
      ],
    };
  },
};
