/** Ends a stack from outside: by its supervisor, or, where that was killed, by what it left in its book. */
import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "./stack-error.ts";
import { removeStackFile } from "./stack-file.ts";
import { removeStalePidFile, stopOrphans, findSupervisor } from "../supervise/pid-file.ts";
import { isAlive } from "../supervise/process-identity.ts";

const POLL_MS = 50;
/** Longer than the deadlines of all services together. */
const DEADLINE_MS = 90_000;

/** Returns what it did. */
export const stopRunning = async (home: string): Promise<string> => {
  const supervisor = await findSupervisor(home);
  if (supervisor === undefined) {
    const ended = await stopOrphans(home);
    await removeStackFile(home);
    await removeStalePidFile(home);
    return ended.length === 0 ? `Nothing runs in ${home}.` : `Ended what was left behind: ${ended.join(", ")}.`;
  }
  process.kill(supervisor.pid, "SIGTERM");
  const until = performance.now() + DEADLINE_MS;
  while (isAlive(supervisor)) {
    if (performance.now() > until) throw new StackError(`Process ${supervisor.pid} does not end; its log says why.`);
    await sleep(POLL_MS);
  }
  const ended = await stopOrphans(home);
  return ended.length === 0 ? "Stopped." : `Stopped; had to end: ${ended.join(", ")}.`;
};
