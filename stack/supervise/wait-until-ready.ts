/** Polls until a service is ready. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/** Resolves to false when the deadline passes or the signal aborts first. */
export const waitUntilReady = async (
  isReady: () => Promise<boolean>,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const until = performance.now() + deadlineMs;
  while (!signal.aborted && performance.now() < until) {
    if (await isReady().catch(() => false)) return !signal.aborted;
    await sleep(POLL_MS);
  }
  return false;
};

const REQUEST_TIMEOUT_MS = 2_000;

/** Whether a GET request returns status 200. */
export const respondsOk = async (url: string): Promise<boolean> => {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  await response.body?.cancel();
  return response.status === 200;
};
