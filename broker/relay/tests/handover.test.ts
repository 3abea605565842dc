/**
 * A relay that stops before the Worker has responded leaves the ids and times of arrival that it gave to messages to the next
 * relay, which uses them when the broker delivers these messages again.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { MqttClient } from "mqtt";
import type { RelayedMessage } from "#contract/relay/relay-frame.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { readHandoverFile } from "../src/handover-file.ts";
import { toHealth } from "../src/health.ts";
import { RedeliveryTracker } from "../src/redelivery-tracker.ts";
import type { Relay } from "../src/start-relay.ts";
import { acceptAll, done, startRelayHarness, type RelayHarness } from "./support/relay-harness.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

let harness: RelayHarness;
let client: MqttClient;
let home: string;
/** Those that a failed test has not stopped. */
const relays = new Set<Relay>();
beforeAll(async () => {
  harness = await startRelayHarness();
  client = await harness.connect("c1");
});
afterAll(async () => {
  await client?.endAsync(true);
  await harness?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "edgelog-handover-"));
  harness.worker.respond = () => ({ status: 503 });
  harness.worker.requests.length = 0;
  return async () => {
    harness.worker.respond = acceptAll;
    for (const relay of relays) await relay.stop();
    await rm(home, { recursive: true, force: true });
  };
});

/** Upper bound for a busy machine: a wait ends as soon as its condition is met. */
const WAIT_MS = 60_000;

const toEnv = (more: Record<string, string> = {}): Record<string, string> => ({
  RELAY_HANDOVER_FILE: join(home, "handover.json"),
  RELAY_DRAIN_DEADLINE_MS: "100",
  RELAY_LINGER_MS: "200",
  ...more,
});
const start = async (env = toEnv()): Promise<Relay> => {
  const started = await harness.startRelay(env);
  const relay: Relay = {
    ...started,
    stop: async () => {
      relays.delete(relay);
      await started.stop();
    },
  };
  relays.add(relay);
  await vi.waitFor(() => expect(relay.isReady()).toBe(true), WAIT_MS);
  return relay;
};
const publish = (payload: string): Promise<unknown> => client.publishAsync("logs/demo/c1", payload, { qos: 1 });
/** Stamps by payload, of all messages sent to the Worker. */
const stamps = (): Map<string, string> =>
  new Map(harness.worker.requests.flat().map(({ id, payload }) => [Buffer.from(payload).toString(), id]));
/** Waits until the Worker has received this many different payloads. */
const received = (count: number): Promise<void> =>
  vi.waitFor(() => expect(stamps().size).toBeGreaterThanOrEqual(count), WAIT_MS);

describe("a relay that is stopped before the Worker responds", () => {
  it("hands over the stamps of all stored messages whose PUBACKs wait for an earlier message", async () => {
    const STORED = 5_000;
    const isBlocked = ({ payload }: RelayedMessage): boolean => Buffer.from(payload).toString() === "blocked";
    harness.worker.respond = (messages) => ({
      body: { v: 1, outcomes: messages.map((message) => (isBlocked(message) ? { state: "retry" } : done())) },
    });
    const first = await start();
    await publish("blocked");
    await received(1);
    await Promise.all(Array.from({ length: STORED }, (_, i) => publish(`stored ${i}`)));
    await received(STORED + 1);
    await vi.waitFor(() => expect(first.readStatus().heldMessages).toBe(1), WAIT_MS);
    const before = stamps();
    await first.stop();

    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    await start();
    await received(STORED + 1);
    expect(stamps()).toEqual(before);
  });

  it("hands over its stamps, so that redelivered messages keep them", async () => {
    const first = await start();
    await Promise.all(Array.from({ length: 20 }, (_, i) => publish(`pending ${i}`)));
    await received(20);
    const before = stamps();
    await first.stop();

    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    const second = await start();
    await publish("new");
    await received(21);
    const { new: fresh, ...after } = Object.fromEntries(stamps());
    expect(after).toEqual(Object.fromEntries(before));
    expect([...before.values()]).not.toContain(fresh);
    await vi.waitFor(() => expect(second.readStatus().heldMessages).toBe(0), WAIT_MS);
    await second.stop();
  });

  it("stops within its deadline while messages keep arriving, and leaves them to the next relay", async () => {
    const first = await start(toEnv({ RELAY_DRAIN_DEADLINE_MS: "1000" }));
    await publish("before");
    await received(1);
    const before = stamps();
    const stopping = first.stop();
    for (let i = 0; i < 200; i += 1) await publish(`after ${i}`.padEnd(5_000));
    const isInTime = await Promise.race([
      stopping.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 5_000, false)),
    ]);
    expect(isInTime).toBe(true);
    expect(stamps()).toEqual(before);

    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    const second = await start();
    await received(201);
    expect(stamps().get("before")).toBe(before.get("before"));
    await vi.waitFor(() => expect(second.readStatus().heldMessages).toBe(0), WAIT_MS);
    await second.stop();
  });

  it("passes the handover on if it never connected to the broker", async () => {
    const first = await start();
    await publish("pending");
    await received(1);
    const before = stamps();
    await first.stop();
    await (await harness.startRelay(toEnv({ RELAY_BROKER_URL: "mqtt://127.0.0.1:1" }))).stop();

    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    const third = await start();
    await received(1);
    expect(stamps()).toEqual(before);
    await vi.waitFor(() => expect(third.readStatus().heldMessages).toBe(0), WAIT_MS);
    await third.stop();
  });

  it("also hands over messages that are done but wait for the acknowledgement of an earlier message", async () => {
    harness.worker.respond = (messages) =>
      Buffer.from(messages[0]?.payload ?? "").toString() === "stuck" ? { status: 503 } : acceptAll(messages);
    const one = toEnv({ RELAY_MAX_BATCH_MESSAGES: "1" });
    const first = await start(one);
    await publish("stuck");
    await publish("done");
    await received(2);
    const before = stamps();
    await first.stop();

    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    const second = await start(one);
    await received(2);
    expect(stamps()).toEqual(before);
    await vi.waitFor(() => expect(second.readStatus().heldMessages).toBe(0), WAIT_MS);
    await second.stop();
  });
});

describe("a handed-over message", () => {
  it.each([
    ["matches the same message", { messageId: 1, isDup: true, topic: "logs/demo/c1", payload: "same" }, true],
    [
      "does not match another packet identifier",
      { messageId: 2, isDup: true, topic: "logs/demo/c1", payload: "same" },
      false,
    ],
    ["does not match a first delivery", { messageId: 1, isDup: false, topic: "logs/demo/c1", payload: "same" }, false],
    ["does not match another topic", { messageId: 1, isDup: true, topic: "logs/demo/c2", payload: "same" }, false],
    ["does not match another payload", { messageId: 1, isDup: true, topic: "logs/demo/c1", payload: "other" }, false],
  ])("%s", (_, { messageId, isDup, topic, payload }, isMatch) => {
    const id = "0190b0c0-0000-7000-8000-000000000000";
    const digest = createHash("sha1").update("same").digest("base64");
    const redeliveries = new RedeliveryTracker([{ messageId: 1, id, topic: "logs/demo/c1", digest, arrivedAtMs: 1 }]);
    expect(redeliveries.match(messageId, isDup, topic, Buffer.from(payload))?.id).toBe(isMatch ? id : undefined);
  });
});

describe("the handover file", () => {
  const file = (): string => join(home, "handover.json");
  /** Runs the process of the relay. */
  const run = (env: Record<string, string>) =>
    execa(process.execPath, [MAIN], { env: harness.toRelayEnv(toEnv(env)), reject: false });

  /** Stops a relay that holds one message. */
  const handOver = async (): Promise<ReadonlyMap<string, string>> => {
    const relay = await start();
    await publish("pending");
    await received(1);
    const before = stamps();
    await relay.stop();
    harness.worker.requests.length = 0;
    return before;
  };
  const readStampsOfNext = async (): Promise<ReadonlyMap<string, string>> => {
    harness.worker.respond = acceptAll;
    harness.worker.requests.length = 0;
    const relay = await start();
    await received(1);
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), WAIT_MS);
    return stamps();
  };

  it("is left to the next relay if the HTTP port of this one is in use", async () => {
    const before = await handOver();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { exitCode, stderr } = await run({ RELAY_HTTP_PORT: String((server.address() as AddressInfo).port) });
    server.close();
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("EADDRINUSE")]);
    expect(await readStampsOfNext()).toEqual(before);
  });

  it("is left to the next relay if this one is killed before it has acknowledged a message", async () => {
    const before = await handOver();
    const killed = run({ RELAY_HTTP_PORT: "0" });
    await received(1);
    killed.kill("SIGKILL");
    await killed;
    expect(stamps()).toEqual(before);
    expect(await readStampsOfNext()).toEqual(before);
  });

  it("is deleted with the first acknowledgement", async () => {
    await handOver();
    const relay = await start();
    await received(1);
    expect(existsSync(file())).toBe(true);
    harness.worker.respond = acceptAll;
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), WAIT_MS);
    expect(existsSync(file())).toBe(false);
  });

  it("is reported if it cannot be deleted", async () => {
    await handOver();
    const relay = await start();
    await received(1);
    expect(toHealth(relay.readStatus(), Date.now()).problems).toEqual([]);
    await rm(file());
    await mkdir(file());
    harness.worker.respond = acceptAll;
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), WAIT_MS);
    expect(toHealth(relay.readStatus(), Date.now()).problems).toEqual(["state_not_saved"]);
  });

  it("is deleted when the broker has no session", async () => {
    await handOver();
    await start(toEnv({ RELAY_CLIENT_ID: "another-client-id-0123456789" }));
    await expect.poll(() => existsSync(file()), { timeout: WAIT_MS }).toBe(false);
  });

  it("is not read if it is incomplete", async () => {
    await writeFile(file(), '[{"messageId":1');
    await expect(readHandoverFile(file())).rejects.toThrow("JSON");
    await rm(file());
    expect(await readHandoverFile(file())).toEqual({});
  });
});
