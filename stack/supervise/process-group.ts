/** Signals and stops process groups. */
import { setTimeout as sleep } from "node:timers/promises";
import { isGroupAlive } from "./process-identity.ts";

const POLL_MS = 25;
const KILL_DEADLINE_MS = 5_000;

/** Sends a signal to all processes of a group. Ignores a group that has exited. */
export const signalGroup = (group: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/** Resolves to whether the group exited before the deadline. */
export const waitForGroupExit = async (group: number, deadlineMs: number): Promise<boolean> => {
  const until = performance.now() + deadlineMs;
  while (isGroupAlive(group)) {
    if (performance.now() > until) return false;
    await sleep(POLL_MS);
  }
  return true;
};

/** Sends SIGTERM, then SIGKILL to processes that are still running after the deadline. A deadline of 0 sends SIGKILL only. */
export const stopGroup = async (group: number, deadlineMs: number): Promise<void> => {
  if (deadlineMs > 0) {
    signalGroup(group, "SIGTERM");
    if (await waitForGroupExit(group, deadlineMs)) return;
  }
  signalGroup(group, "SIGKILL");
  await waitForGroupExit(group, KILL_DEADLINE_MS);
};
