/** An index that cannot be written affects only its own events: the others of the same request are stored and accounted for. */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeRelayFrame, relayResponseSchema } from "#contract/relay/relay-frame.ts";
import { receiptSchema } from "#contract/wire/receipt.ts";
import { startTestStack, type TestStack } from "./support/test-stack.ts";

const DAY_MS = 86_400_000;

/** Maximum response time. The Worker waits two seconds for a shard; a slow machine needs more. */
const MAX_RESPONSE_MS = 15_000;

const ALLOCATE_NOWHERE = { settings: { "index.routing.allocation.require._name": "no-such-node" } };

let stack: TestStack;
/** Days whose index cannot be written, by the reason. */
const days = { red: 1, closed: 2, blocked: 3 } as const;

const request = async (method: string, path: string, body?: object): Promise<void> => {
  const response = await fetch(new URL(path, stack.file.opensearch), {
    method,
    headers: { "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`OpenSearch responded with ${response.status}: ${await response.text()}`);
};

const makeEvent = (daysAgo: number) => ({
  id: uuidv7(),
  time: Date.now() - daysAgo * DAY_MS,
  body: `${daysAgo} days ago`,
});

beforeAll(async () => {
  stack = await startTestStack();
  const today = makeEvent(0);
  await stack.postLogs(today);
  const [hit] = await stack.search("logs-*", { term: { "log.record.uid": today.id } });
  const prefix = (hit?._index ?? "").slice(0, -"2026.11.28".length);
  const indexOf = (daysAgo: number): string =>
    prefix + new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10).replaceAll("-", ".");
  await request("PUT", `/${indexOf(days.red)}?wait_for_active_shards=0&timeout=1s`, ALLOCATE_NOWHERE);
  await request("PUT", `/${indexOf(days.closed)}`);
  await request("POST", `/${indexOf(days.closed)}/_close`);
  await request("PUT", `/${indexOf(days.blocked)}`);
  await request("PUT", `/${indexOf(days.blocked)}/_settings`, { "index.blocks.write": true });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

/** Runs `work` and expects it to end in time. */
const inTime = async <T>(work: () => Promise<T>): Promise<T> => {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started).toBeLessThan(MAX_RESPONSE_MS);
  return result;
};

describe("a request with events of an index that is red, one that is closed and one that is blocked", () => {
  it("over HTTP reports only these as unfinished", async () => {
    const events = [makeEvent(0), makeEvent(days.red), makeEvent(days.closed), makeEvent(days.blocked), makeEvent(0)];
    const response = await inTime(() => stack.postLogs({ v: 1, events }));
    expect(response.status).toBe(503);
    expect(receiptSchema.parse(await response.json())).toMatchObject({
      stored: 2,
      rejected: [],
      unfinished: [1, 2, 3],
    });
    expect(await stack.count("rejected-*", { match_all: {} })).toBe(0);
  });

  it("over MQTT delays only the messages with these events", async () => {
    const messages = [0, days.red, 0, days.closed, days.blocked].map((daysAgo) => ({
      id: uuidv7(),
      topic: `logs/${stack.file.app.id}/phone`,
      payload: new TextEncoder().encode(JSON.stringify(makeEvent(daysAgo))),
    }));
    const response = await inTime(() =>
      fetch(new URL("/relay", stack.file.worker), {
        method: "POST",
        body: encodeRelayFrame({ messages }),
        headers: { Authorization: `Bearer ${stack.services.worker.secrets.relayToken}` },
      }),
    );
    expect(response.status).toBe(200);
    const { outcomes } = relayResponseSchema.parse(await response.json());
    expect(outcomes.map(({ state }) => state)).toEqual(["done", "retry", "done", "retry", "retry"]);
  });
});
