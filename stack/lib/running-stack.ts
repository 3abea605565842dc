/** Detects a stack that is already running or starting. */
import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "./stack-error.ts";
import { readStackFile } from "./stack-file.ts";
import { findSupervisor } from "../supervise/pid-file.ts";
import { toSummary } from "./summary.ts";

const POLL_MS = 100;
const LONGEST_START_MS = 600_000;

/** Waits for a start in progress. Returns `undefined` when no stack runs in this directory. */
export const describeRunning = async (home: string): Promise<string | undefined> => {
  const until = performance.now() + LONGEST_START_MS;
  for (;;) {
    const supervisor = await findSupervisor(home);
    if (supervisor === undefined) return undefined;
    const file = await readStackFile(home);
    if (file !== undefined) return `Already running.\n${toSummary(file, "Stop it with `npm run stop`.")}`;
    if (performance.now() > until)
      throw new StackError(`Process ${supervisor.pid} has been starting or stopping for too long.`);
    await sleep(POLL_MS);
  }
};
