/** CPU time of processes, from the accounting of Linux. It can also be compared while other programs run. */
import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** CPU time of a process since its start, in seconds. */
export const readCpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};
