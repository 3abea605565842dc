/**
 * Messages that the Worker refuses, and messages that another server, such as a reverse proxy, does not let pass.
 */
import type { MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { RelayedMessage } from "#contract/relay/relay-frame.ts";
import { toHealth } from "../src/health.ts";
import type { Relay } from "../src/start-relay.ts";
import { acceptAll, NGINX_PAGES, refusal, startRelayHarness, type RelayHarness } from "./support/relay-harness.ts";
import { textOf } from "./support/held-messages.ts";

let harness: RelayHarness;
let client: MqttClient;
const relays: Relay[] = [];

beforeAll(async () => {
  harness = await startRelayHarness();
  client = await harness.connect("c1");
});
afterAll(async () => {
  await client?.endAsync(true);
  await harness?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  harness.worker.respond = acceptAll;
  harness.worker.requests.length = 0;
  return async () => {
    // After a failed test, so that its messages do not wait for the next relay.
    harness.worker.respond = acceptAll;
    for (const relay of relays.splice(0)) await relay.stop();
  };
});

/** Upper bound for a busy machine: a wait ends as soon as its condition is met. */
const WAIT_MS = 60_000;

const start = async (env: Record<string, string> = {}): Promise<Relay> => {
  const relay = await harness.startRelay(env);
  relays.push(relay);
  await vi.waitFor(() => expect(relay.isReady()).toBe(true), WAIT_MS);
  return relay;
};
const publish = (...payloads: readonly string[]): Promise<unknown> =>
  Promise.all(payloads.map((payload) => client.publishAsync("logs/demo/c1", payload, { qos: 1 })));
/** Waits for this many more requests, which are retries. */
const moreRequests = async (count: number): Promise<void> => {
  const target = harness.worker.requests.length + count;
  await vi.waitFor(() => expect(harness.worker.requests.length).toBeGreaterThanOrEqual(target), WAIT_MS);
};
const holds = (relay: Relay, count: number): Promise<void> =>
  vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(count), WAIT_MS);
const hasPoison = (messages: readonly RelayedMessage[]): boolean =>
  messages.some((message) => textOf(message) === "poison");

/** The counters of messages that are not held any more. */
const counts = async (relay: Relay): Promise<readonly [done: number, setAside: number, refused: number]> => {
  const read = async (name: string): Promise<number> => {
    const metric = await relay.metrics.registry.getSingleMetric(`edgelog_relay_messages_${name}_total`)?.get();
    return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
  };
  return [await read("done"), await read("set_aside"), await read("refused")];
};

describe("a message that the Worker refuses", () => {
  it("is alone after its batch was halved, and is stored as rejected", async () => {
    const relay = await start({ RELAY_LINGER_MS: "200" });
    harness.worker.respond = (messages, { setAside }) =>
      hasPoison(messages) && setAside !== true ? refusal : acceptAll(messages);
    await publish("a", "b", "poison", "d");
    await expect.poll(() => counts(relay), { timeout: WAIT_MS }).toEqual([4, 1, 0]);
    await holds(relay, 0);
  });

  it("is not sent again if it cannot be stored as rejected, and /healthz reports the loss for a day", async () => {
    const relay = await start({ RELAY_LINGER_MS: "200" });
    harness.worker.respond = (messages) => (hasPoison(messages) ? refusal : acceptAll(messages));
    await publish("a", "poison");
    await expect.poll(() => counts(relay), { timeout: WAIT_MS }).toEqual([1, 0, 1]);
    await holds(relay, 0);
    const nowMs = Date.now();
    expect(toHealth(relay.readStatus(), nowMs)).toEqual({ status: "degraded", problems: ["messages_refused"] });
    expect(toHealth(relay.readStatus(), nowMs + 25 * 3_600_000).problems).toEqual([]);
  });

  it("is sent again while the Worker refuses every request, as one of another version does", async () => {
    const relay = await start();
    harness.worker.respond = () => refusal;
    await publish("other version");
    await moreRequests(6);
    await holds(relay, 1);
    harness.worker.respond = acceptAll;
    await holds(relay, 0);
    expect(await counts(relay)).toEqual([1, 0, 0]);
  });

  it("is not given up if the Worker is replaced directly after it has refused to set the message aside", async () => {
    const relay = await start();
    harness.worker.respond = (messages, { setAside }) => {
      if (messages.length === 0) return acceptAll(messages);
      if (setAside === true) harness.worker.respond = acceptAll;
      return refusal;
    };
    await publish("other version");
    await holds(relay, 0);
    expect((await counts(relay))[2]).toBe(0);
  });
});

describe("a message that another server than the Worker does not let pass", () => {
  it.each([
    ["400", "not_the_worker", NGINX_PAGES.badRequest],
    ["413", "size_limit", NGINX_PAGES.tooLarge],
    ["400 with a problem of another service", "not_the_worker", { ...refusal, body: { status: 400, title: "No" } }],
    ["400 with JSON", "not_the_worker", { ...refusal, headers: { "Content-Type": "application/json" } }],
  ])("is kept and sent again: %s", async (_, failure, response) => {
    const relay = await start();
    harness.worker.respond = () => response;
    await publish("a", "b");
    await moreRequests(6);
    expect(relay.readStatus()).toMatchObject({ heldMessages: 2, lastFailure: { failure } });
    harness.worker.respond = acceptAll;
    await holds(relay, 0);
    expect(await counts(relay)).toEqual([2, 0, 0]);
  });

  it("is sent in smaller requests, and delays no other message if it is above the limit itself", async () => {
    const relay = await start({ RELAY_LINGER_MS: "200" });
    const sizeOf = (messages: readonly RelayedMessage[]): number =>
      messages.reduce((sum, { payload }) => sum + payload.byteLength, 0);
    harness.worker.respond = (messages) => (sizeOf(messages) > 2_000 ? NGINX_PAGES.tooLarge : acceptAll(messages));
    const large = ["large 1".padEnd(3_000), "large 2".padEnd(3_000)];
    await publish(...large, ...Array.from({ length: 30 }, (_, i) => String(i).padEnd(900)));
    await holds(relay, 2);
    await publish("later");
    await expect.poll(() => counts(relay), { timeout: WAIT_MS }).toEqual([31, 0, 0]);
    expect(relay.readStatus()).toMatchObject({ heldMessages: 2, lastFailure: { failure: "size_limit" } });
    harness.worker.respond = acceptAll;
    await holds(relay, 0);
    expect(harness.worker.requests.slice(-2).flat().map(textOf).toSorted()).toEqual(large);
  });
});
