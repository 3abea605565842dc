/** Memory and CPU time of the process that runs the Worker, read from /proc. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readRuntime } from "../../stack/services/runtime.ts";
import { readCpuSeconds } from "./cpu-seconds.ts";
import { readMemoryKib, type MemoryField } from "./process-memory.ts";

const KIB_PER_MIB = 1_024;

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
}

const listProcesses = (): readonly Process[] =>
  readdirSync("/proc").flatMap((pid) => {
    try {
      const [, name = "", parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
      return parent === undefined ? [] : [{ pid: Number(pid), name, parent: Number(parent) }];
    } catch {
      return [];
    }
  });

/** The processes of workerd below the process `ancestor`. */
export const findWorkerd = (ancestor: number): readonly number[] => {
  const all = listProcesses();
  const childrenOf = (parent: number): readonly Process[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each, ...childrenOf(each.pid)]);
  return childrenOf(ancestor).flatMap(({ pid, name }) => (name === "workerd" ? [pid] : []));
};

export interface WorkerdProcess {
  /** Peak resident memory since {@link WorkerdProcess.resetPeak}, in MiB. */
  readonly peakMib: () => number;
  readonly resetPeak: () => void;
  /** Current resident memory, in MiB. */
  readonly residentMib: () => number;
  /** CPU time since the start of the process, in seconds. */
  readonly cpuSeconds: () => number;
}

/** Finds the workerd process below the process `pid` of the Worker. In Node.js, `pid` itself runs the Worker. */
export const watchWorkerd = (pid: number): WorkerdProcess => {
  const pids = readRuntime() === "node" ? [pid] : findWorkerd(pid);
  if (pids.length === 0) throw new Error("The Worker has no workerd process.");
  const sum = (read: (pid: number) => number): number => pids.reduce((total, each) => total + read(each), 0);
  const sumMib = (field: MemoryField): number => sum((each) => readMemoryKib(each, field) / KIB_PER_MIB);
  return {
    peakMib: () => sumMib("VmHWM"),
    residentMib: () => sumMib("VmRSS"),
    resetPeak: () => {
      for (const each of pids) writeFileSync(`/proc/${each}/clear_refs`, "5");
    },
    cpuSeconds: () => sum(readCpuSeconds),
  };
};
