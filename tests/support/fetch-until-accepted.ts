/** Sends requests to the Worker like its clients, which repeat those that it has no resources for at the moment. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";

/** Longer than the Worker waits for memory, for a body and for the store. */
const RESPONSE_MS = 60_000;

const PAUSE_MS = 500;

export interface Accepted {
  /** The first response without status 503, or the last one within the deadline. */
  readonly response: Response;
  /** Number of responses with status 503. */
  readonly refusals: number;
}

/**
 * Repeats a request while the response is 503 with `Retry-After`. A request that the Worker refuses for another reason than a lack of
 * resources is still refused at the end. Throws if there is no response.
 */
export const fetchUntilAccepted = async (url: URL, init: RequestInit, deadlineMs = 60_000): Promise<Accepted> => {
  const deadline = Date.now() + deadlineMs;
  for (let refusals = 0; ; refusals += 1) {
    const response = await fetch(url, { signal: AbortSignal.timeout(RESPONSE_MS), ...init });
    if (response.status !== 503 || Date.now() > deadline) return { response, refusals };
    expect(Number(response.headers.get("Retry-After"))).toBeGreaterThan(0);
    await response.body?.cancel();
    await sleep(PAUSE_MS);
  }
};
