/**
 * Ends a process group: a signal, then SIGKILL for what is still there after the deadline.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isGroupAlive } from "./process-identity.ts";

const POLL_MS = 25;
const KILL_DEADLINE_MS = 5_000;

/** Sends a signal to a whole group; a group that is gone is none of its concern. */
export const signalGroup = (group: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/** Resolves to whether the group was gone in time. */
export const waitForGroupExit = async (group: number, deadlineMs: number): Promise<boolean> => {
  const until = performance.now() + deadlineMs;
  while (isGroupAlive(group)) {
    if (performance.now() > until) return false;
    await sleep(POLL_MS);
  }
  return true;
};

export const stopGroup = async (group: number, deadlineMs: number): Promise<void> => {
  if (deadlineMs > 0) {
    signalGroup(group, "SIGTERM");
    if (await waitForGroupExit(group, deadlineMs)) return;
  }
  signalGroup(group, "SIGKILL");
  await waitForGroupExit(group, KILL_DEADLINE_MS);
};
