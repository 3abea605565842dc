/**
 * Many apps that each send large messages while nothing can be stored, with a real broker.
 */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MAX_PACKET_BYTES } from "#contract/wire/limits.ts";
import { LargePackets } from "../src/large-packets.ts";
import type { Relay } from "../src/start-relay.ts";
import { acceptAll, startRelayHarness, type RelayHarness } from "./support/relay-harness.ts";

const MAX_HELD_BYTES = 2_000_000;
const MESSAGE_BYTES = 1_000_000;
const LARGE = Array.from({ length: 20 }, (_, i) => `large${i}`);
const SMALL = "small";
/** Upper bound for a busy machine: a wait ends as soon as its condition is met. */
const WAIT_MS = 60_000;

let harness: RelayHarness;
let home: string;
beforeAll(async () => {
  harness = await startRelayHarness();
  await harness.addUsers([...LARGE, SMALL]);
  home = await mkdtemp(join(tmpdir(), "edgelog-large-"));
  await writeFile(join(home, "users"), [...LARGE, SMALL, ""].join("\n"));
}, WAIT_MS);
afterAll(async () => {
  await harness?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

const start = async (): Promise<Relay> => {
  const relay = await harness.startRelay({
    RELAY_USERS_FILE: join(home, "users"),
    RELAY_STATE_FILE: join(home, "state.json"),
    RELAY_MAX_HELD_BYTES: String(MAX_HELD_BYTES),
    RELAY_KEEPALIVE_SECONDS: "1",
    RELAY_DRAIN_DEADLINE_MS: "500",
  });
  await vi.waitFor(() => expect(relay.isReady()).toBe(true), WAIT_MS);
  return relay;
};

const publish = async (user: string, ...payloads: readonly string[]): Promise<void> => {
  const client = await harness.connect(user, user);
  await Promise.all(payloads.map((payload) => client.publishAsync(`logs/${user}/${user}`, payload, { qos: 1 })));
  await client.endAsync();
};

/** The start of each message, which is its name. */
const nameOf = ({ payload }: { readonly payload: Uint8Array }): string =>
  Buffer.from(payload.subarray(0, 16)).toString().trim();

/** Connects a client with a keepalive of one second that sends nothing more, and waits until the broker closes its connection. */
const waitForKeepalive = async (): Promise<void> => {
  const { mqttUrl, secrets } = harness.broker;
  const { hostname, port } = new URL(mqttUrl);
  const socket = connect(Number(port), hostname);
  const login = { username: SMALL, password: Buffer.from(secrets.appKey) };
  socket.write(generate({ cmd: "connect", clientId: "silent", clean: true, keepalive: 1, ...login }));
  socket.resume();
  await once(socket, "close");
};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of payloads and packets in this process, which has the relay. */
const readBufferBytes = (): number => {
  harness.worker.requests.length = 0;
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
};

describe("large messages of many apps", () => {
  it("stay within twice the limit, delay no small message, and are all stored once", async () => {
    await (await start()).stop();
    await Promise.all(LARGE.map((user) => publish(user, ...[1, 2].map((i) => `${user} ${i}`.padEnd(MESSAGE_BYTES)))));

    harness.worker.respond = () => ({ status: 503 });
    const relay = await start();
    let mostHeldBytes = 0;
    const readHeldBytes = (): number => {
      const { heldBytes } = relay.readStatus();
      mostHeldBytes = Math.max(mostHeldBytes, heldBytes);
      return heldBytes;
    };
    await vi.waitFor(() => expect(readHeldBytes()).toBeGreaterThanOrEqual(2 * MAX_HELD_BYTES), WAIT_MS);
    await publish(SMALL, "small 1");
    await vi.waitFor(() => expect(harness.worker.requests.flat().map(nameOf)).toContain("small 1"), WAIT_MS);
    // The connections that read nothing stay open.
    await waitForKeepalive();
    await waitForKeepalive();
    readHeldBytes();
    expect(relay.isReady()).toBe(true);

    const stored: string[] = [];
    harness.worker.respond = (messages) => {
      readHeldBytes();
      // After half of the messages nothing can be stored until the next relay.
      if (stored.length >= LARGE.length) return { status: 503 };
      stored.push(...messages.map(nameOf));
      return acceptAll(messages);
    };
    await vi.waitFor(() => expect(stored.length).toBeGreaterThanOrEqual(LARGE.length), WAIT_MS);
    await vi.waitFor(() => expect(readHeldBytes()).toBeGreaterThanOrEqual(2 * MAX_HELD_BYTES), WAIT_MS);
    expect(
      (await relay.metrics.registry.metrics()).match(/^edgelog_relay_messages_redelivered_total (\d+)$/m)?.[1],
    ).toBe("0");
    await relay.stop();
    expect(mostHeldBytes).toBeLessThanOrEqual(2 * MAX_HELD_BYTES + MAX_PACKET_BYTES);

    harness.worker.respond = (messages) => {
      stored.push(...messages.map(nameOf));
      return acceptAll(messages);
    };
    const next = await start();
    const expected = [...LARGE.flatMap((user) => [`${user} 1`, `${user} 2`]), "small 1"];
    await vi.waitFor(() => expect(stored.length).toBeGreaterThanOrEqual(expected.length), WAIT_MS);
    await vi.waitFor(() => expect(next.readStatus().heldMessages).toBe(0), WAIT_MS);
    // No session keeps its last message.
    await vi.waitFor(() => expect(readBufferBytes()).toBeLessThan((LARGE.length / 2) * MESSAGE_BYTES), WAIT_MS);
    await next.stop();
    expect(stored.toSorted()).toEqual(expected.toSorted());
  }, 240_000);
});

describe(LargePackets, () => {
  it("gives permits in the order of the requests while there is space", () => {
    let freeBytes = 2 * MAX_PACKET_BYTES;
    const packets = new LargePackets((reservedBytes) => reservedBytes < freeBytes);
    const permitted: string[] = [];
    const request = (name: string): boolean => packets.request(() => permitted.push(name));
    const cancelled = (): void => void permitted.push("cancelled");
    expect([request("a"), request("b"), request("c"), packets.request(cancelled), request("d")]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    packets.cancel(cancelled);
    packets.release();
    expect(permitted).toEqual(["c"]);
    freeBytes += MAX_PACKET_BYTES;
    packets.permitWaiting();
    expect(permitted).toEqual(["c", "d"]);
    expect(request("e")).toBe(false);
  });
});
