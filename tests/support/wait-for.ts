import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** Default: 60 seconds. */
  readonly deadlineMs?: number;
  /** Pause between two calls. Default: 100 ms. */
  readonly pollMs?: number;
}

/** Calls `isDone` until it resolves to true. Throws with the description after the deadline. */
export const waitFor = async (
  description: string,
  isDone: () => Promise<boolean>,
  { deadlineMs = 60_000, pollMs = 100 }: WaitOptions = {},
): Promise<void> => {
  const deadline = performance.now() + deadlineMs;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error(`Waited ${deadlineMs} ms for ${description}`);
    await sleep(pollMs);
  }
};
