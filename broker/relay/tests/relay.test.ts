/**
 * The relay against the real broker, with a Worker that answers as the script says.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startFaultyLink } from "../../../tests/chaos/faulty-link.ts";
import type { Relay } from "../src/start-relay.ts";
import { acceptAll, done, startBench, type Bench } from "./support/relay-harness.ts";

let bench: Bench;
let client: MqttClient;
const relays: Relay[] = [];

beforeAll(async () => {
  bench = await startBench();
  client = await bench.connect("c1");
});
afterAll(async () => {
  await client?.endAsync(true);
  await bench?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  bench.worker.script = acceptAll;
  bench.worker.requests.length = 0;
  return async () => {
    for (const relay of relays.splice(0)) await relay.stop();
  };
});

const start = async (env: Record<string, string> = {}): Promise<Relay> => {
  const relay = await bench.startRelay(env);
  relays.push(relay);
  await vi.waitFor(() => expect(relay.isReady()).toBe(true), 10_000);
  return relay;
};

const publish = (payload: string, qos: 0 | 1 = 1): Promise<unknown> =>
  client.publishAsync("logs/demo/c1", payload, { qos });
const payloads = (): string[] => bench.worker.requests.flat().map(({ payload }) => Buffer.from(payload).toString());
const stamps = (): string[] => bench.worker.requests.flat().map(({ id }) => id);
const seen = async (count: number): Promise<void> => {
  await vi.waitFor(() => expect(payloads().length).toBeGreaterThanOrEqual(count), 15_000);
};
const counter = async (relay: Relay, name: string): Promise<number> => {
  const metric = await relay.metrics.registry.getSingleMetric(`edgelog_relay_${name}`)?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
};

describe("acknowledgement", () => {
  it("comes only after the Worker has taken the message: a relay that dies before gets it again", async () => {
    bench.worker.script = () => ({ status: 503 });
    const first = await start();
    await publish("kept");
    await seen(1);
    expect(first.levels().heldMessages).toBe(1);
    relays.pop();
    // Gives up after its deadline, with the message unacknowledged.
    const stopped = first.stop();
    await sleep(100);
    bench.worker.requests.length = 0;
    await stopped;
    bench.worker.script = acceptAll;
    bench.worker.requests.length = 0;
    const second = await start();
    await seen(1);
    expect(payloads()).toEqual(["kept"]);
    await vi.waitFor(() => expect(second.levels().heldMessages).toBe(0), 5_000);
  });

  it("is not repeated: what was acknowledged does not come again", async () => {
    const first = await start();
    for (let i = 0; i < 50; i += 1) await publish(`m${i}`);
    await seen(50);
    await vi.waitFor(() => expect(first.levels().heldMessages).toBe(0), 5_000);
    relays.pop();
    await first.stop();
    bench.worker.requests.length = 0;
    await start();
    await sleep(500);
    expect(payloads()).toEqual([]);
  });

  it("waits in order: a batch that is done does not free the ones before it", async () => {
    const relay = await start({ RELAY_MAX_BATCH_MESSAGES: "1", RELAY_MAX_IN_FLIGHT: "4", RELAY_RECEIVE_MAXIMUM: "4" });
    bench.worker.script = (messages) =>
      Buffer.from(messages[0]?.payload ?? "").toString() === "0" ? { status: 503 } : acceptAll(messages);
    for (let i = 0; i < 8; i += 1) await publish(String(i));
    await seen(4);
    await sleep(300);
    // 1 to 3 are done, but nothing is acknowledged before 0: the broker sends no more than four.
    expect(new Set(payloads())).toEqual(new Set(["0", "1", "2", "3"]));
    bench.worker.script = acceptAll;
    await vi.waitFor(() => expect(new Set(payloads()).size).toBe(8), 15_000);
    await vi.waitFor(() => expect(relay.levels().heldMessages).toBe(0), 5_000);
  });

  it("holds for QoS 0 as well: the broker raises it", async () => {
    const relay = await start();
    await publish("at most once", 0);
    await seen(1);
    const metric = await relay.metrics.messagesReceived.get();
    expect(metric.values).toMatchObject([{ labels: { qos: "1" }, value: 1 }]);
  });
});

describe("a connection that breaks", () => {
  it("does not stamp a message anew that is still on its way", async () => {
    bench.worker.script = () => undefined;
    const relay = await start({ RELAY_MAX_BATCH_MESSAGES: "10" });
    for (let i = 0; i < 5; i += 1) await publish(`m${i}`);
    await seen(1);
    bench.broker.kill("SIGTERM");
    await sleep(200);
    await bench.broker.ready();
    await vi.waitFor(() => expect(relay.isReady()).toBe(true), 15_000);
    await vi.waitFor(async () => expect(await counter(relay, "messages_redelivered_total")).toBe(5), 10_000);
    expect(relay.levels().heldMessages).toBe(5);
    expect(await counter(relay, "messages_received_total")).toBe(5);
    bench.worker.script = acceptAll;
    bench.worker.hangUp();
    await vi.waitFor(() => expect(relay.levels().heldMessages).toBe(0), 10_000);
    expect(new Set(stamps()).size).toBe(5);
    await vi.waitFor(() => expect(client.connected).toBe(true), 10_000);
  });
});

describe("a PUBACK that gets lost", () => {
  it("does not double a message without an id", async () => {
    await using link = await startFaultyLink();
    link.targetPort = Number(new URL(bench.broker.mqttUrl).port);
    const relay = await start({ RELAY_BROKER_URL: `mqtt://127.0.0.1:${link.port}` });
    link.setMood({ kind: "deaf" });
    for (let i = 0; i < 5; i += 1) await publish(`m${i}`);
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(5), 5_000);
    link.setMood({ kind: "cut" });
    link.setMood({ kind: "healthy" });
    await vi.waitFor(async () => expect(await counter(relay, "messages_redelivered_total")).toBe(5), 10_000);
    await sleep(200);
    expect(payloads()).toHaveLength(5);
  });
});

describe("the Worker in trouble", () => {
  it.each([
    ["503", () => ({ status: 503, headers: { "Retry-After": "1" } })],
    ["500", () => ({ status: 500 })],
    ["a refused token", () => ({ status: 401 })],
    ["200 with something else", () => ({ body: "<html>" })],
    ["200 with too few outcomes", () => ({ body: { v: 1, outcomes: [] } })],
  ])("sends again after %s, with the same stamp", async (_, answer) => {
    const relay = await start();
    bench.worker.script = () => {
      bench.worker.script = acceptAll;
      return answer();
    };
    await publish("again");
    await seen(2);
    expect(payloads()).toEqual(["again", "again"]);
    expect(new Set(stamps()).size).toBe(1);
    await vi.waitFor(() => expect(relay.levels().heldMessages).toBe(0), 5_000);
    expect(await counter(relay, "send_failures_total")).toBe(1);
  });

  it("sends only what is unfinished again", async () => {
    const relay = await start({ RELAY_LINGER_MS: "200" });
    bench.worker.script = (messages) => {
      bench.worker.script = acceptAll;
      return { body: { v: 1, outcomes: messages.map((_, i) => (i === 1 ? { state: "retry" } : done())) } };
    };
    await Promise.all(["a", "b", "c"].map((payload) => publish(payload)));
    await seen(4);
    expect(payloads().slice(3)).toEqual(["b"]);
    expect(await counter(relay, "messages_done_total")).toBe(3);
  });

  it("sends at once again what was deferred, and calls it no failure", async () => {
    const relay = await start({ RELAY_LINGER_MS: "200" });
    bench.worker.script = (messages) => ({
      body: { v: 1, outcomes: messages.map((_, i) => (i === 0 ? done() : { state: "deferred" })) },
    });
    await Promise.all(["a", "b", "c"].map((payload) => publish(payload)));
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(3), 10_000);
    expect(payloads()).toEqual(["a", "b", "c", "b", "c", "c"]);
    expect(await counter(relay, "send_failures_total")).toBe(0);
  });

  it("splits a batch that is refused, and isolates the message that never passes", async () => {
    const relay = await start({ RELAY_LINGER_MS: "200" });
    bench.worker.script = (messages) =>
      messages.some(({ payload }) => Buffer.from(payload).toString() === "poison")
        ? { status: 413 }
        : acceptAll(messages);
    await Promise.all(["a", "b", "poison", "d"].map((payload) => publish(payload)));
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(3), 10_000);
    expect(await counter(relay, "messages_refused_total")).toBe(1);
    await vi.waitFor(() => expect(relay.levels().heldMessages).toBe(0), 5_000);
  });
});

describe("bounds", () => {
  it("stops reading when it holds too much, and goes on when there is room", async () => {
    bench.worker.script = () => ({ status: 503 });
    const relay = await start({ RELAY_MAX_HELD_BYTES: "10000", RELAY_MAX_BATCH_MESSAGES: "5" });
    for (let i = 0; i < 50; i += 1) await publish(String(i).padEnd(1_000));
    await seen(5);
    await sleep(300);
    expect(relay.levels().heldBytes).toBeLessThanOrEqual(11_100);
    bench.worker.script = acceptAll;
    bench.worker.requests.length = 0;
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(50), 20_000);
  });

  it("minds what topic and properties weigh", async () => {
    bench.worker.script = () => ({ status: 503 });
    const relay = await start({ RELAY_MAX_HELD_BYTES: "100000", RELAY_MAX_BATCH_MESSAGES: "5" });
    const properties = { userProperties: { heavy: "x".repeat(30_000) } };
    for (let i = 0; i < 20; i += 1) await client.publishAsync("logs/demo/c1", "light", { qos: 1, properties });
    await seen(4);
    await sleep(300);
    expect(relay.levels().heldMessages).toBeLessThanOrEqual(4);
    bench.worker.script = acceptAll;
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(20), 20_000);
  });

  it("holds no more than its Receive Maximum allows, even where the broker sends more", async () => {
    const env = { RELAY_RECEIVE_MAXIMUM: "20", RELAY_MAX_BATCH_MESSAGES: "5" };
    await (await start(env)).stop();
    for (let i = 0; i < 500; i += 1) await publish(String(i));
    const relay = await start(env);
    let mostHeld = 0;
    bench.worker.script = (messages) => {
      mostHeld = Math.max(mostHeld, relay.levels().heldMessages);
      return acceptAll(messages);
    };
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(500), 20_000);
    expect(mostHeld).toBeLessThanOrEqual(21);
  });

  it("is ready and stays connected although a backlog stands before SUBACK and PINGRESP", async () => {
    const env = { RELAY_MAX_HELD_BYTES: "10000", RELAY_KEEPALIVE_SECONDS: "1" };
    await (await start(env)).stop();
    for (let i = 0; i < 50; i += 1) await publish(String(i).padEnd(1_000));
    bench.worker.script = () => ({ status: 503 });
    const relay = await start(env);
    const disconnected = vi.fn<() => void>();
    const timer = setInterval(() => relay.isReady() || disconnected(), 20);
    await sleep(4_000);
    clearInterval(timer);
    expect(disconnected).not.toHaveBeenCalled();
    expect(relay.levels().heldMessages).toBeLessThan(50);
    bench.worker.script = acceptAll;
    await vi.waitFor(async () => expect(await counter(relay, "messages_done_total")).toBe(50), 20_000);
  });

  it("stops gracefully: what is in hand is finished and acknowledged", async () => {
    const relay = await start({ RELAY_LINGER_MS: "500" });
    for (let i = 0; i < 20; i += 1) await publish(`last ${i}`);
    await vi.waitFor(() => expect(relay.levels().heldMessages).toBe(20), 5_000);
    relays.pop();
    await relay.stop();
    expect(payloads()).toHaveLength(20);
    expect(relay.levels().heldMessages).toBe(0);
    bench.worker.requests.length = 0;
    await start();
    await sleep(500);
    expect(payloads()).toEqual([]);
  });
});
