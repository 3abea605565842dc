/** Ends what carries our mark in its environment: services whose process was killed before it could end them. */
import { readdir, readFile } from "node:fs/promises";
import { STACK_HOME_VARIABLE } from "./pid-file.ts";

/** Ends services of all state directories below this one; returns how many processes. Linux only: elsewhere none is found. */
export const killProcesses = async (dir: string): Promise<number> => {
  const prefix = `${STACK_HOME_VARIABLE}=${dir}/`;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const entries = (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split("\0");
      return entries.some((entry) => entry.startsWith(prefix)) ? [Number(pid)] : [];
    }),
  );
  for (const pid of marked.flat()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone by itself in the meantime.
    }
  }
  return marked.flat().length;
};
