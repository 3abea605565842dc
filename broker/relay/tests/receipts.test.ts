/** Receipts as the broker delivers them. Unread ones wait in its memory, so they are small. */
import type { IPublishPacket, MqttClient } from "mqtt";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { RelayOutcome } from "#contract/relay/relay-frame.ts";
import { receiptSchema, type RejectedEvent } from "#contract/wire/receipt.ts";
import type { Relay } from "../src/start-relay.ts";
import { acceptAll, startRelayHarness, type RelayHarness } from "./support/relay-harness.ts";

const RESPONSE_TOPIC = "receipts/demo/c1";

let harness: RelayHarness;
let relay: Relay;
let client: MqttClient;

beforeAll(async () => {
  harness = await startRelayHarness();
  relay = await harness.startRelay();
  await vi.waitUntil(() => relay.isReady(), 60_000);
  client = await harness.connect("c1");
  await client.subscribeAsync(RESPONSE_TOPIC, { qos: 1 });
});
afterAll(async () => {
  await client?.endAsync(true);
  await relay?.stop();
  await harness?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  harness.worker.respond = acceptAll;
});

/** Publishes a message with this Correlation Data and returns its receipt. */
const getReceipt = async (correlationData: Buffer): Promise<IPublishPacket> => {
  const receipt = new Promise<IPublishPacket>((resolve) =>
    client.once("message", (_topic, _payload, packet) => resolve(packet)),
  );
  await client.publishAsync("logs/demo/c1", "x", {
    qos: 1,
    properties: { responseTopic: RESPONSE_TOPIC, correlationData },
  });
  return await receipt;
};

it("a receipt expires after an hour, and returns Correlation Data of at most 256 bytes", async () => {
  const { properties } = await getReceipt(Buffer.alloc(256, "c"));
  expect(properties?.correlationData).toEqual(Buffer.alloc(256, "c"));
  expect(properties?.messageExpiryInterval).toBeGreaterThan(3_500);
  expect(properties?.messageExpiryInterval).toBeLessThanOrEqual(3_600);
  expect((await getReceipt(Buffer.alloc(60_000, "c"))).properties?.correlationData).toBeUndefined();
});

it("a receipt with 1,000 rejected events is small, and has the reason of each", async () => {
  const rejected: RejectedEvent[] = Array.from({ length: 1_000 }, (_, index) => ({
    index,
    id: `019ab0c0-1111-7000-8000-${String(index).padStart(12, "0")}`,
    reason: "unknown_field",
    message: `Unknown field ${"\u0001".repeat(80)}. Put custom fields under \`attributes\`.`,
    field: "\u0001".repeat(80),
  }));
  const outcome: RelayOutcome = { state: "done", receipt: { v: 1, stored: 0, duplicates: 0, rejected } };
  harness.worker.respond = (messages) => ({ body: { v: 1, outcomes: messages.map(() => outcome) } });
  const { payload } = await getReceipt(Buffer.from("1"));
  expect(payload.length).toBeLessThan(65_536);
  const received = receiptSchema.parse(JSON.parse(payload.toString()));
  expect(received.rejected[0]).toEqual(rejected[0]);
  expect(received.rejected[999]).toEqual({ index: 999, reason: "unknown_field", message: "" });
  expect(received.rejected.map(({ index }) => index)).toEqual(rejected.map(({ index }) => index));
});
