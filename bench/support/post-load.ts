/** Load on `POST /logs`: a fixed number of connections, each of which sends its next request after the response. */
import autocannon from "autocannon";
import type { StackFile } from "../../stack/lib/stack-file.ts";
import { waitFor } from "../../tests/support/wait-for.ts";
import { makeBatch } from "./payload.ts";

export interface PostResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Responses with a status other than 200, and requests without a response. */
  readonly failures: number;
}

/** A batch without ids. All requests can have the same body, because the Worker gives each event a new id. */
const makeBody = (events: number): string => {
  const { id: _id, ...batch } = makeBatch(events) as { id: string; events: readonly { id: string }[] };
  return JSON.stringify({ ...batch, events: batch.events.map(({ id: _eventId, ...event }) => event) });
};

export interface PostLoad {
  readonly worker: string;
  readonly app: StackFile["app"];
  /** Events in each request. */
  readonly events: number;
  readonly connections: number;
  readonly seconds: number;
}

/** A Worker without other requests responds to one with 500 events within this time. */
const IDLE_MS = 250;

/**
 * The Worker stores the logs of requests whose client has disconnected. A further request of the same app and size waits for them,
 * because all of them share the memory of the app in the order of their arrival.
 */
const waitUntilIdle = (url: string, headers: Readonly<Record<string, string>>, body: string): Promise<void> =>
  waitFor("an idle Worker", async () => {
    const started = performance.now();
    await (await fetch(url, { method: "POST", headers, body })).arrayBuffer();
    return performance.now() - started < IDLE_MS;
  });

export const measurePosts = async ({ worker, app, events, connections, seconds }: PostLoad): Promise<PostResult> => {
  const url = `${worker}/logs`;
  const headers = { Authorization: `Bearer ${app.id}:${app.key}`, "Content-Type": "application/json" };
  const body = makeBody(events);
  const result = await autocannon({
    url,
    method: "POST",
    headers,
    body,
    connections,
    duration: seconds,
    timeout: 60,
  });
  await waitUntilIdle(url, headers, body);
  return {
    requestsPerSecond: result["2xx"] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failures: result.non2xx + result.errors,
  };
};
