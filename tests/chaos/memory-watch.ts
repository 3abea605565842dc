/**
 * Peak resident memory of relay, broker and workerd. Reads the kernel's high-water mark, which includes peaks between two
 * polls; a killed process counts until its last poll.
 */
import { readFile, writeFile } from "node:fs/promises";
import { findWorkerd } from "../support/workerd-process.ts";
import type { ChaosStack } from "./chaos-stack.ts";
import type { Peaks } from "./row.ts";

const POLL_MS = 500;

type Watched = "relay" | "broker" | "worker";
type Megabytes = Readonly<Record<Watched, number>>;

const readMb = async (pid: number | undefined, field: "VmHWM" | "VmRSS"): Promise<number> => {
  const status = pid === undefined ? "" : await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
};

/** The part of a test stack that is used here. */
type Watchable = Pick<ChaosStack, "stack">;

const pidsOf = ({ stack: { services } }: Watchable): Readonly<Record<Watched, number | undefined>> => ({
  relay: services.relay.pid,
  broker: services.broker.pid,
  worker: services.worker.pid === undefined ? undefined : findWorkerd(services.worker.pid)[0],
});

const readAll = async (chaos: Watchable, field: "VmHWM" | "VmRSS"): Promise<Megabytes> => {
  const { relay, broker, worker } = pidsOf(chaos);
  return {
    relay: await readMb(relay, field),
    broker: await readMb(broker, field),
    worker: await readMb(worker, field),
  };
};

/** Current resident memory. */
export const readMemory = (chaos: Watchable): Promise<Megabytes> => readAll(chaos, "VmRSS");

export interface MemoryWatch {
  /** Stops polling and returns the peaks. */
  stop(): Promise<Peaks>;
}

export const watchMemory = async (chaos: Watchable): Promise<MemoryWatch> => {
  const peaks: Record<Watched, number> = { relay: 0, broker: 0, worker: 0 };
  // proc(5): writing 5 resets the high-water mark to the current resident memory.
  for (const pid of Object.values(pidsOf(chaos))) {
    if (pid !== undefined) await writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => undefined);
  }
  let polling: Promise<void> = Promise.resolve();
  const poll = async (): Promise<void> => {
    const seen = await readAll(chaos, "VmHWM");
    for (const name of ["relay", "broker", "worker"] as const) peaks[name] = Math.max(peaks[name], seen[name]);
  };
  const timer = setInterval(() => {
    polling = poll();
  }, POLL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await polling;
      await poll();
      return { relayPeakMb: peaks.relay, brokerPeakMb: peaks.broker, workerPeakMb: peaks.worker };
    },
  };
};
