/**
 * A relay that is stopped before the Worker answers, and the next one: what is delivered again keeps its stamp.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { takeHandover } from "../src/handover-file.ts";
import { Redeliveries } from "../src/redelivery-tracker.ts";
import type { Relay } from "../src/start-relay.ts";
import { acceptAll, startBench, type Bench } from "./support/relay-harness.ts";

let bench: Bench;
let client: MqttClient;
let home: string;
beforeAll(async () => {
  bench = await startBench();
  client = await bench.connect("c1");
});
afterAll(async () => {
  await client?.endAsync(true);
  await bench?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "edgelog-handover-"));
  bench.worker.script = () => ({ status: 503 });
  bench.worker.requests.length = 0;
  return () => rm(home, { recursive: true, force: true });
});

const envOf = (more: Record<string, string> = {}): Record<string, string> => ({
  RELAY_HANDOVER_FILE: join(home, "handover.json"),
  RELAY_DRAIN_DEADLINE_MS: "100",
  RELAY_LINGER_MS: "200",
  ...more,
});
const start = async (env = envOf()): Promise<Relay> => {
  const relay = await bench.startRelay(env);
  await vi.waitFor(() => expect(relay.isReady()).toBe(true), 10_000);
  return relay;
};
const publish = (payload: string): Promise<unknown> => client.publishAsync("logs/demo/c1", payload, { qos: 1 });
/** Stamps by payload, of all that the Worker was sent. */
const stamps = (): Map<string, string> =>
  new Map(bench.worker.requests.flat().map(({ id, payload }) => [Buffer.from(payload).toString(), id]));
const seen = (count: number): Promise<void> =>
  vi.waitFor(() => expect(stamps().size).toBeGreaterThanOrEqual(count), 15_000);

describe("a relay that is stopped before the Worker answers", () => {
  it("hands over its stamps: what the Worker may have taken is not stamped anew", async () => {
    const first = await start();
    await Promise.all(Array.from({ length: 20 }, (_, i) => publish(`unsure ${i}`)));
    await seen(20);
    const before = stamps();
    await first.stop();

    bench.worker.script = acceptAll;
    bench.worker.requests.length = 0;
    const second = await start();
    await publish("new");
    await seen(21);
    const { new: fresh, ...after } = Object.fromEntries(stamps());
    expect(after).toEqual(Object.fromEntries(before));
    expect([...before.values()]).not.toContain(fresh);
    await vi.waitFor(() => expect(second.levels().heldMessages).toBe(0), 5_000);
    await second.stop();
  });

  it("ends in time though messages go on coming, and takes none of them", async () => {
    const first = await start(envOf({ RELAY_DRAIN_DEADLINE_MS: "1000" }));
    await publish("before");
    await seen(1);
    const before = stamps();
    const stopping = first.stop();
    for (let i = 0; i < 200; i += 1) await publish(`after ${i}`.padEnd(5_000));
    const isInTime = await Promise.race([
      stopping.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 5_000, false)),
    ]);
    expect(isInTime).toBe(true);
    expect(stamps()).toEqual(before);

    bench.worker.script = acceptAll;
    bench.worker.requests.length = 0;
    const second = await start();
    await seen(201);
    expect(stamps().get("before")).toBe(before.get("before"));
    await vi.waitFor(() => expect(second.levels().heldMessages).toBe(0), 5_000);
    await second.stop();
  });

  it("hands on what it was handed, when the broker was not there in between", async () => {
    const first = await start();
    await publish("unsure");
    await seen(1);
    const before = stamps();
    await first.stop();
    await (await bench.startRelay(envOf({ RELAY_BROKER_URL: "mqtt://127.0.0.1:1" }))).stop();

    bench.worker.script = acceptAll;
    bench.worker.requests.length = 0;
    const third = await start();
    await seen(1);
    expect(stamps()).toEqual(before);
    await vi.waitFor(() => expect(third.levels().heldMessages).toBe(0), 5_000);
    await third.stop();
  });

  it("hands over what the Worker took, too, whose acknowledgement waited for one before it", async () => {
    bench.worker.script = (messages) =>
      Buffer.from(messages[0]?.payload ?? "").toString() === "stuck" ? { status: 503 } : acceptAll(messages);
    const one = envOf({ RELAY_MAX_BATCH_MESSAGES: "1" });
    const first = await start(one);
    await publish("stuck");
    await publish("taken");
    await seen(2);
    const before = stamps();
    await first.stop();

    bench.worker.script = acceptAll;
    bench.worker.requests.length = 0;
    const second = await start(one);
    await seen(2);
    expect(stamps()).toEqual(before);
    await vi.waitFor(() => expect(second.levels().heldMessages).toBe(0), 5_000);
    await second.stop();
  });
});

describe("what was handed over", () => {
  it.each([
    ["is taken for the same message", { messageId: 1, isDup: true, topic: "logs/demo/c1", payload: "same" }, true],
    ["not for another packet", { messageId: 2, isDup: true, topic: "logs/demo/c1", payload: "same" }, false],
    ["not for a first delivery", { messageId: 1, isDup: false, topic: "logs/demo/c1", payload: "same" }, false],
    ["not for another topic", { messageId: 1, isDup: true, topic: "logs/demo/c2", payload: "same" }, false],
    ["not for another payload", { messageId: 1, isDup: true, topic: "logs/demo/c1", payload: "other" }, false],
  ])("%s", (_what, { messageId, isDup, topic, payload }, isTaken) => {
    const id = "0190b0c0-0000-7000-8000-000000000000";
    const digest = createHash("sha1").update("same").digest("base64");
    const redeliveries = new Redeliveries([{ messageId: 1, id, topic: "logs/demo/c1", digest, arrivedAtMs: 1 }]);
    expect(redeliveries.find(messageId, isDup, topic, Buffer.from(payload))?.id).toBe(isTaken ? id : undefined);
  });

  it("is gone when it can't be read, and that is told once", async () => {
    const path = join(home, "handover.json");
    await writeFile(path, '[{"messageId":1');
    await expect(takeHandover(path)).rejects.toThrow("JSON");
    expect(await takeHandover(path)).toEqual([]);
  });
});
