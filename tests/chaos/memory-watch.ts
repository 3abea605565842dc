/**
 * Resident memory of relay, broker and workerd, at its highest. The kernel's own high-water mark is read, so that no peak
 * falls between two looks; a process that was killed counts until the last look at it.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import type { Peaks } from "./row.ts";

const LOOK_EVERY_MS = 500;

type Watched = "relay" | "broker" | "worker";
type Megabytes = Readonly<Record<Watched, number>>;

const readMb = async (pid: number | undefined, field: "VmHWM" | "VmRSS"): Promise<number> => {
  const status = pid === undefined ? "" : await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
};

/**
 * workerd is a child of wrangler, which leads the process group. There are two: one before the other, in development only,
 * to keep the port while the Worker is built anew. The Worker's own takes whatever port is free.
 */
const findWorkerd = async (group: number | undefined): Promise<number | undefined> => {
  for (const pid of await readdir("/proc")) {
    const stat = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "") : "";
    // proc(5): pid (comm) state ppid pgrp …
    const [, name, pgrp] = /\((.*)\) \S \d+ (\d+)/.exec(stat) ?? [];
    if (name !== "workerd" || Number(pgrp) !== group) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes("--socket-addr=entry=127.0.0.1:0")) return Number(pid);
  }
  return undefined;
};

const pidsOf = async ({ stack }: ChaosStack): Promise<Readonly<Record<Watched, number | undefined>>> => ({
  relay: stack.services.relay.pid,
  broker: stack.services.broker.pid,
  worker: await findWorkerd(stack.services.worker.pid),
});

const readAll = async (line: ChaosStack, field: "VmHWM" | "VmRSS"): Promise<Megabytes> => {
  const { relay, broker, worker } = await pidsOf(line);
  return {
    relay: await readMb(relay, field),
    broker: await readMb(broker, field),
    worker: await readMb(worker, field),
  };
};

/** What they weigh now. */
export const readMemory = (line: ChaosStack): Promise<Megabytes> => readAll(line, "VmRSS");

export interface MemoryWatch {
  /** Ends the watch. */
  stop(): Promise<Peaks>;
}

export const watchMemory = async (line: ChaosStack): Promise<MemoryWatch> => {
  const peaks: Record<Watched, number> = { relay: 0, broker: 0, worker: 0 };
  // proc(5): 5 sets the high-water mark back to what is resident now.
  for (const pid of Object.values(await pidsOf(line))) {
    if (pid !== undefined) await writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => undefined);
  }
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const seen = await readAll(line, "VmHWM");
    for (const name of ["relay", "broker", "worker"] as const) peaks[name] = Math.max(peaks[name], seen[name]);
  };
  const timer = setInterval(() => {
    looking = look();
  }, LOOK_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      await look();
      return { relayPeakMb: peaks.relay, brokerPeakMb: peaks.broker, workerPeakMb: peaks.worker };
    },
  };
};
