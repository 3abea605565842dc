/** Stops a stack from another process: through its supervisor or, if that was killed, using its pid file. */
import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "./stack-error.ts";
import { removeStackFile } from "./stack-file.ts";
import { removeStalePidFile, stopOrphans, findSupervisor } from "../supervise/pid-file.ts";
import { isAlive } from "../supervise/process-identity.ts";

const POLL_MS = 50;
/** Longer than the stop deadlines of all services together. */
const DEADLINE_MS = 90_000;

/** Returns a message that describes the result. */
export const stopRunning = async (home: string): Promise<string> => {
  const supervisor = await findSupervisor(home);
  if (supervisor === undefined) {
    const stopped = await stopOrphans(home);
    await removeStackFile(home);
    await removeStalePidFile(home);
    return stopped.length === 0
      ? `No stack is running in ${home}.`
      : `Stopped orphaned processes: ${stopped.join(", ")}.`;
  }
  process.kill(supervisor.pid, "SIGTERM");
  const until = performance.now() + DEADLINE_MS;
  while (isAlive(supervisor)) {
    if (performance.now() > until) throw new StackError(`Process ${supervisor.pid} does not exit; see its log.`);
    await sleep(POLL_MS);
  }
  const stopped = await stopOrphans(home);
  return stopped.length === 0 ? "Stopped." : `Stopped. Also stopped orphaned processes: ${stopped.join(", ")}.`;
};
