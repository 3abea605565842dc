/**
 * The relay with a real broker and a scripted Worker.
 */
import { setTimeout as sleep } from "node:timers/promises";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startFaultyLink } from "../../../tests/support/faulty-link.ts";
import { TAIL_USERNAME } from "#contract/wire/topics.ts";
import type { Relay } from "../src/start-relay.ts";
import { acceptAll, done, startRelayHarness, type RelayHarness } from "./support/relay-harness.ts";

/**
 * The broker closes a silent connection after 1.5 times the keepalive of one second, so the test waits longer than
 * that.
 */
const SEVERAL_KEEPALIVES_MS = 10_000;

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
    harness.worker.closeConnections();
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

const publish = (payload: string, qos: 0 | 1 = 1): Promise<unknown> =>
  client.publishAsync("logs/demo/c1", payload, { qos });
const payloads = (): string[] => harness.worker.requests.flat().map(({ payload }) => Buffer.from(payload).toString());
const stamps = (): string[] => harness.worker.requests.flat().map(({ id }) => id);
/** Waits until the Worker has received this many messages, repetitions included. */
const received = async (count: number): Promise<void> => {
  await vi.waitFor(() => expect(payloads().length).toBeGreaterThanOrEqual(count), WAIT_MS);
};
/** Waits for `count` more requests to the Worker. While it fails, these are retries: the relay has been running meanwhile. */
const moreRequests = async (count: number): Promise<void> => {
  const target = harness.worker.requests.length + count;
  await vi.waitFor(() => expect(harness.worker.requests.length).toBeGreaterThanOrEqual(target), WAIT_MS);
};
const counter = async (relay: Relay, name: string): Promise<number> => {
  const metric = await relay.metrics.registry.getSingleMetric(`edgelog_relay_${name}`)?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
};

describe("acknowledgement", () => {
  it("is sent only after the Worker is done: without it the broker delivers the message to the next relay", async () => {
    harness.worker.respond = () => ({ status: 503 });
    const first = await start();
    await publish("unacknowledged");
    await received(1);
    expect(first.readStatus().heldMessages).toBe(1);
    relays.pop();
    // Stops after its drain deadline with the message unacknowledged.
    await first.stop();
    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    const second = await start();
    await received(1);
    expect(payloads()).toEqual(["unacknowledged"]);
    await vi.waitFor(() => expect(second.readStatus().heldMessages).toBe(0), 5_000);
  });

  it("prevents the broker from delivering the message to the next relay", async () => {
    const first = await start();
    for (let i = 0; i < 50; i += 1) await publish(`m${i}`);
    await received(50);
    await vi.waitFor(() => expect(first.readStatus().heldMessages).toBe(0), 5_000);
    relays.pop();
    await first.stop();
    harness.worker.requests.length = 0;
    await start();
    await publish("marker");
    await received(1);
    expect(payloads()).toEqual(["marker"]);
  });

  it("is sent in order: a message that is done waits for the messages before it", async () => {
    const relay = await start({ RELAY_MAX_BATCH_MESSAGES: "1", RELAY_MAX_IN_FLIGHT: "4", RELAY_RECEIVE_MAXIMUM: "4" });
    harness.worker.respond = (messages) =>
      Buffer.from(messages[0]?.payload ?? "").toString() === "0" ? { status: 503 } : acceptAll(messages);
    for (let i = 0; i < 8; i += 1) await publish(String(i));
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(3), WAIT_MS);
    await moreRequests(3);
    // Messages 1 to 3 are done but cannot be acknowledged before message 0, so the broker sends no message beyond its
    // limit of four.
    expect(new Set(payloads())).toEqual(new Set(["0", "1", "2", "3"]));
    harness.worker.respond = acceptAll;
    await vi.waitFor(() => expect(new Set(payloads()).size).toBe(8), WAIT_MS);
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), 5_000);
  });

  it("applies to QoS 0 too: the broker upgrades it to QoS 1", async () => {
    const relay = await start();
    await publish("at most once", 0);
    await received(1);
    const metric = await relay.metrics.messagesReceived.get();
    expect(metric.values).toMatchObject([{ labels: { qos: "1" }, value: 1 }]);
  });
});

describe("a broken connection", () => {
  it("does not change the stamp of a held message", async () => {
    harness.worker.respond = () => undefined;
    const relay = await start({ RELAY_MAX_BATCH_MESSAGES: "10" });
    for (let i = 0; i < 5; i += 1) await publish(`m${i}`);
    await received(1);
    harness.broker.kill("SIGTERM");
    await vi.waitFor(() => expect(relay.isReady()).toBe(false), 5_000);
    await harness.broker.ready();
    await vi.waitFor(() => expect(relay.isReady()).toBe(true), WAIT_MS);
    await vi.waitFor(async () => expect(await counter(relay, "messages_redelivered_total")).toBe(5), WAIT_MS);
    expect(relay.readStatus().heldMessages).toBe(5);
    expect(await counter(relay, "messages_received_total")).toBe(5);
    harness.worker.respond = acceptAll;
    harness.worker.closeConnections();
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), WAIT_MS);
    expect(new Set(stamps()).size).toBe(5);
    await vi.waitFor(() => expect(client.connected).toBe(true), WAIT_MS);
  });
});

describe("a lost PUBACK", () => {
  it("does not send a message to the Worker twice", async () => {
    await using link = await startFaultyLink();
    link.targetPort = Number(new URL(harness.broker.mqttUrl).port);
    const relay = await start({ RELAY_BROKER_URL: `mqtt://127.0.0.1:${link.port}`, RELAY_MAX_IN_FLIGHT: "1" });
    link.setMode({ kind: "drop_requests" });
    for (let i = 0; i < 5; i += 1) await publish(`m${i}`);
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(5), 5_000);
    link.setMode({ kind: "cut" });
    link.setMode({ kind: "healthy" });
    await vi.waitFor(async () => expect(await counter(relay, "messages_redelivered_total")).toBe(5), WAIT_MS);
    await publish("marker");
    await vi.waitFor(() => expect(payloads()).toContain("marker"), WAIT_MS);
    expect(payloads()).toEqual(["m0", "m1", "m2", "m3", "m4", "marker"]);
    // Stops before the link does: the broker would deliver the message to the relay of the next test.
    relays.pop();
    await relay.stop();
  });
});

describe("a failing Worker", () => {
  it.each([
    ["503", () => ({ status: 503, headers: { "Retry-After": "1" } })],
    ["500", () => ({ status: 500 })],
    ["a refused token", () => ({ status: 401 })],
    ["200 with another body", () => ({ body: "<html>" })],
    ["200 with too few outcomes", () => ({ body: { v: 1, outcomes: [] } })],
  ])("gets the message again after %s, with the same stamp", async (_, fail) => {
    const relay = await start();
    harness.worker.respond = () => {
      harness.worker.respond = acceptAll;
      return fail();
    };
    await publish("again");
    await received(2);
    expect(payloads()).toEqual(["again", "again"]);
    expect(new Set(stamps()).size).toBe(1);
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), 5_000);
    expect(await counter(relay, "send_failures_total")).toBe(1);
  });

  it("gets only the unfinished messages again", async () => {
    const relay = await start({ RELAY_LINGER_MS: "1000" });
    harness.worker.respond = (messages) => {
      harness.worker.respond = acceptAll;
      return { body: { v: 1, outcomes: messages.map((_, i) => (i === 1 ? { state: "retry" } : done())) } };
    };
    await Promise.all(["a", "b", "c"].map((payload) => publish(payload)));
    await received(4);
    expect(payloads().slice(3)).toEqual(["b"]);
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(3), WAIT_MS);
  });

  it("gets deferred messages again at once, without counting a failure", async () => {
    const relay = await start({ RELAY_LINGER_MS: "1000" });
    harness.worker.respond = (messages) => ({
      body: { v: 1, outcomes: messages.map((_, i) => (i === 0 ? done() : { state: "deferred" })) },
    });
    await Promise.all(["a", "b", "c"].map((payload) => publish(payload)));
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(3), WAIT_MS);
    expect(payloads()).toEqual(["a", "b", "c", "b", "c", "c"]);
    expect(await counter(relay, "send_failures_total")).toBe(0);
  });
});

describe("bounds", () => {
  it("stop the reading while the held messages exceed them, and let it continue afterwards", async () => {
    harness.worker.respond = () => ({ status: 503 });
    const relay = await start({ RELAY_MAX_HELD_BYTES: "10000", RELAY_MAX_BATCH_MESSAGES: "5" });
    for (let i = 0; i < 50; i += 1) await publish(String(i).padEnd(1_000));
    await vi.waitFor(() => expect(relay.readStatus().heldBytes).toBeGreaterThan(10_000), WAIT_MS);
    await moreRequests(5);
    expect(relay.readStatus().heldBytes).toBeLessThanOrEqual(11_100);
    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(50), WAIT_MS);
  });

  it("include topic and properties in the size of a message", async () => {
    harness.worker.respond = () => ({ status: 503 });
    const relay = await start({ RELAY_MAX_HELD_BYTES: "100000", RELAY_MAX_BATCH_MESSAGES: "5" });
    const properties = { userProperties: { heavy: "x".repeat(30_000) } };
    for (let i = 0; i < 20; i += 1) await client.publishAsync("logs/demo/c1", "light", { qos: 1, properties });
    await vi.waitFor(() => expect(relay.readStatus().heldBytes).toBeGreaterThan(100_000), WAIT_MS);
    await moreRequests(5);
    expect(relay.readStatus().heldMessages).toBeLessThanOrEqual(4);
    harness.worker.respond = acceptAll;
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(20), WAIT_MS);
  });

  it("limit the held messages to Receive Maximum, even if the broker sends more", async () => {
    const env = { RELAY_RECEIVE_MAXIMUM: "20", RELAY_MAX_BATCH_MESSAGES: "5" };
    await (await start(env)).stop();
    for (let i = 0; i < 500; i += 1) await publish(String(i));
    const relay = await start(env);
    let mostHeld = 0;
    harness.worker.respond = (messages) => {
      mostHeld = Math.max(mostHeld, relay.readStatus().heldMessages);
      return acceptAll(messages);
    };
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(500), WAIT_MS);
    expect(mostHeld).toBeLessThanOrEqual(21);
  });

  it("do not break the connection while a backlog delays SUBACK and PINGRESP", async () => {
    const env = { RELAY_MAX_HELD_BYTES: "10000", RELAY_KEEPALIVE_SECONDS: "3" };
    await (await start(env)).stop();
    for (let i = 0; i < 50; i += 1) await publish(String(i).padEnd(1_000));
    harness.worker.respond = () => ({ status: 503 });
    const relay = await start(env);
    const disconnected = vi.fn<() => void>();
    const timer = setInterval(() => relay.isReady() || disconnected(), 20);
    await sleep(SEVERAL_KEEPALIVES_MS);
    clearInterval(timer);
    expect(disconnected).not.toHaveBeenCalled();
    expect(relay.readStatus().heldMessages).toBeLessThan(50);
    harness.worker.respond = acceptAll;
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(50), WAIT_MS);
  });
});

describe("a retained message", () => {
  it("is sent to the Worker once and deleted at the broker", async () => {
    await start();
    for (const [payload, retain] of [
      ["first", true],
      ["second", true],
      ["", true],
      ["third", true],
      ["last", false],
    ] as const) {
      await client.publishAsync("logs/demo/c1", payload, { qos: 1, retain });
    }
    await received(4);
    expect(payloads()).toEqual(["first", "second", "third", "last"]);
    const reader = await mqtt.connectAsync(harness.broker.mqttUrl, {
      username: TAIL_USERNAME,
      password: harness.broker.secrets.tailPassword,
    });
    const readRetained = async (): Promise<readonly string[]> => {
      const retained: string[] = [];
      const onMessage = (_topic: string, payload: Buffer): number => retained.push(payload.toString());
      reader.on("message", onMessage);
      await reader.subscribeAsync(["logs/demo/c1", "flush"]);
      reader.off("message", onMessage);
      return retained;
    };
    await expect.poll(readRetained).toEqual([]);
    await reader.endAsync();
    expect(payloads()).toHaveLength(4);
  });
});

describe("stop", () => {
  it("finishes and acknowledges the held messages", async () => {
    const relay = await start({ RELAY_LINGER_MS: "1500" });
    await Promise.all(Array.from({ length: 20 }, (_, i) => publish(`last ${i}`)));
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(20), WAIT_MS);
    relays.pop();
    await relay.stop();
    expect(payloads()).toHaveLength(20);
    expect(relay.readStatus().heldMessages).toBe(0);
    harness.worker.requests.length = 0;
    await start();
    await publish("marker");
    await received(1);
    expect(payloads()).toEqual(["marker"]);
  });
});
