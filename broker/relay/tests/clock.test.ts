/**
 * A relay on a machine whose clock is corrected: durations do not depend on the clock.
 */
import { afterEach, describe, expect, it, vi } from "vitest";
import { timeOfUuid } from "#contract/store/event-time.ts";
import { HOUR_MS, MINUTE_MS } from "#contract/wire/durations.ts";
import { RepeatFilter } from "../src/repeat-filter.ts";
import { toUnixMs } from "../src/to-unix-ms.ts";
import { acceptAll, startRelayHarness } from "./support/relay-harness.ts";

/** Sets the clock, but not the monotonic one, like an operator. */
const setClock = (offsetMs: number): void => {
  vi.restoreAllMocks();
  const read = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => read() + offsetMs);
};
afterEach(() => {
  vi.restoreAllMocks();
});

const WAIT_MS = 60_000;

describe("a relay whose clock was an hour ahead", () => {
  it("sends its messages as soon as the clock is set back, and reports their age", async () => {
    await using harness = await startRelayHarness();
    const { worker } = harness;
    let isStoreAvailable = false;
    const stamps: (number | undefined)[] = [];
    worker.respond = (messages, { sentAtMs = 0 }) => {
      if (sentAtMs > performance.timeOrigin + performance.now() + 2 * MINUTE_MS)
        return { status: 409, body: { reason: "clock_skew" } };
      if (!isStoreAvailable) return { status: 503 };
      stamps.push(...messages.map(({ id }) => timeOfUuid(id)));
      return acceptAll(messages);
    };
    setClock(HOUR_MS);
    const relay = await harness.startRelay();
    // The broker drops messages without a subscriber.
    await vi.waitFor(() => expect(relay.isReady()).toBe(true), WAIT_MS);
    const client = await harness.connect("c1");
    await client.publishAsync("logs/demo/c1", "a", { qos: 1 });
    await vi.waitFor(() => expect(relay.readStatus().lastFailure?.failure).toBe("clock_skew"), WAIT_MS);
    setClock(0);
    await vi.waitFor(() => expect(relay.readStatus().lastFailure?.failure).toBe("unavailable"), WAIT_MS);
    expect(relay.readStatus().oldestUnacknowledgedMs).toBeGreaterThanOrEqual(0);
    isStoreAvailable = true;
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), WAIT_MS);
    expect(stamps).toHaveLength(1);
    expect(stamps[0]).toBeLessThan(Date.now() + MINUTE_MS);
    await client.endAsync(true);
    await relay.stop();
  }, 90_000);
});

describe(RepeatFilter, () => {
  it("lets a line pass ten seconds after the last one, also if the clock was set back meanwhile", () => {
    const filter = new RepeatFilter();
    const nowMs = performance.now();
    setClock(HOUR_MS);
    expect(filter.next("shop unavailable", 1)).toBe(1);
    expect(filter.next("shop unavailable", 1)).toBeUndefined();
    setClock(0);
    vi.spyOn(performance, "now").mockReturnValue(nowMs + 11_000);
    expect(filter.next("shop unavailable", 1)).toBe(2);
  });
});

describe(toUnixMs, () => {
  it("gives the time of a loss by the corrected clock, so it is reported for a day", () => {
    setClock(-365 * 24 * HOUR_MS);
    const lossMs = performance.now();
    setClock(0);
    expect(toUnixMs(lossMs)).toBeGreaterThan(Date.now() - MINUTE_MS);
    expect(toUnixMs(undefined)).toBeUndefined();
  });
});
