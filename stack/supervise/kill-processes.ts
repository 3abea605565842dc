/** Kills services whose supervisor was killed first. They are found by a variable in their environment. */
import { readdir, readFile } from "node:fs/promises";
import { STACK_HOME_VARIABLE } from "./pid-file.ts";

/** Kills the services of all state directories below this one; returns the number of processes. Linux only. */
export const killProcesses = async (dir: string): Promise<number> => {
  const prefix = `${STACK_HOME_VARIABLE}=${dir}/`;
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const entries = (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).split("\0");
      return entries.some((entry) => entry.startsWith(prefix)) ? [Number(pid)] : [];
    }),
  );
  for (const pid of found.flat()) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // The process has exited in the meantime.
    }
  }
  return found.flat().length;
};
