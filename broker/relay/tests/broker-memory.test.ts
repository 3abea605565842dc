/** The memory of the broker that none of its limits counts. */
import { expect, it, vi } from "vitest";
import { startRelayHarness } from "./support/relay-harness.ts";

const WAIT_MS = 60_000;
const MESSAGES = 60;
const MIB = 1_048_576;

it("is reported for messages with a small payload and 1 MB of properties", async () => {
  await using harness = await startRelayHarness("sys_interval 1\n");
  // The messages wait.
  harness.worker.respond = () => ({ status: 503 });
  const relay = await harness.startRelay({ RELAY_DRAIN_DEADLINE_MS: "1" });
  await using _ = { [Symbol.asyncDispose]: () => relay.stop() };
  await vi.waitFor(() => expect(relay.isReady()).toBe(true), WAIT_MS);
  await vi.waitFor(() => expect(relay.readStatus().brokerHeapBytes).toBeGreaterThan(0), WAIT_MS);
  const client = await harness.connect("c1");
  const userProperties = { a: Array.from({ length: 16 }, () => "x".repeat(65_000)) };
  for (let i = 0; i < MESSAGES; i += 1) {
    await client.publishAsync("logs/demo/c1", "a", { qos: 1, properties: { userProperties } });
  }
  await vi.waitFor(() => expect(relay.readStatus().brokerHeapBytes).toBeGreaterThan(MESSAGES * 0.9 * MIB), WAIT_MS);
  expect(relay.readStatus().brokerStoredBytes).toBeLessThan(MIB);
  const metric = await relay.metrics.registry.getSingleMetric("edgelog_relay_broker_heap_bytes")?.get();
  expect(metric?.values[0]?.value).toBeGreaterThan(MESSAGES * 0.9 * MIB);
  await client.endAsync(true);
}, 90_000);
