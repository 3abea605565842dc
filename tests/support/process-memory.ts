/** Memory of processes, from the accounting of Linux. */
import { readFileSync } from "node:fs";

/** `VmRSS`: resident memory. `VmHWM`: its largest value so far. */
export type MemoryField = "VmRSS" | "VmHWM";

/** In KiB. Throws if the process does not exist. */
export const readMemoryKib = (pid: number | undefined, field: MemoryField): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
