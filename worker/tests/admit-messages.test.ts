import { v7 as uuidv7 } from "uuid";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import type { AppStore } from "../src/access/apps.ts";
import { assertClock, findUnknownApps, selectApps } from "../src/routes/admit-messages.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const DAY = 86_400_000;

let warnings: Record<string, unknown>[] = [];
beforeEach(() => {
  warnings = [];
  vi.spyOn(console, "warn").mockImplementation((line: string) => {
    warnings.push(JSON.parse(line) as Record<string, unknown>);
  });
});
afterEach(() => vi.restoreAllMocks());

const frameOf = (sentAtMs: number | undefined, stampMs: number) => ({
  sentAtMs,
  messages: [{ id: uuidv7({ msecs: stampMs }), topic: "logs/shop/c", payload: new Uint8Array() }],
});

describe(assertClock, () => {
  it.each([
    ["60 days behind", frameOf(NOW - 60 * DAY, NOW - 60 * DAY)],
    ["more than 2 minutes behind", frameOf(NOW - MAX_RELAY_CLOCK_SKEW_MS - 1, NOW - DAY)],
    ["more than 2 minutes ahead", frameOf(NOW + MAX_RELAY_CLOCK_SKEW_MS + 1, NOW)],
    ["ahead, by the stamp of an older relay", frameOf(undefined, NOW + MAX_RELAY_CLOCK_SKEW_MS + 1)],
  ])("refuses a clock that is %s, and logs both times", (_, frame) => {
    expect(() => assertClock(frame, NOW)).toThrow("clock_skew");
    expect(warnings).toMatchObject([{ workerTime: new Date(NOW).toISOString(), relayTime: expect.any(String) }]);
    expect(warnings[0]?.["relayTime"]).not.toBe(warnings[0]?.["workerTime"]);
  });

  it.each([
    ["that is 2 minutes behind", frameOf(NOW - MAX_RELAY_CLOCK_SKEW_MS, NOW)],
    ["that is 2 minutes ahead", frameOf(NOW + MAX_RELAY_CLOCK_SKEW_MS, NOW)],
    ["with messages that were retried for 60 days", frameOf(NOW, NOW - 60 * DAY)],
    ["of an older relay, which does not send it", frameOf(undefined, NOW - DAY)],
  ])("accepts a clock %s", (_, frame) => {
    expect(() => assertClock(frame, NOW)).not.toThrow();
    expect(warnings).toEqual([]);
  });
});

const createStore = (entries: Readonly<Record<string, unknown>>): AppStore => ({
  get: async (key) => entries[key] ?? null,
});

const RECORD = {
  keys: [{ generation: 1, hash: "a".repeat(64), brokerHash: "$7$101$c2FsdA==$aGFzaA==" }],
  retentionDays: 30,
  origins: [],
  rate: "standard",
  disabled: false,
};

describe(findUnknownApps, () => {
  it("returns the apps without an entry, not the removed ones, and logs each once a minute", async () => {
    const store = createStore({ "app:shop": RECORD, "app:old": { removed: true, removedAt: "2026-11-01T00:00:00Z" } });
    const find = (nowMs: number): Promise<ReadonlySet<string>> =>
      findUnknownApps(["shop", "old", "lost", "lost", undefined], store, nowMs);
    expect(await find(NOW)).toEqual(new Set(["lost"]));
    await find(NOW + 59_000);
    expect(warnings).toMatchObject([{ app: "lost" }]);
    await find(NOW + 60_000);
    expect(warnings).toHaveLength(2);
  });

  it("returns an app whose entry cannot be read", async () => {
    const unknown = await findUnknownApps(["broken"], createStore({ "app:broken": { keys: "?" } }), NOW);
    expect(unknown).toEqual(new Set(["broken"]));
  });
});

describe(selectApps, () => {
  it("selects the first 500 apps of a request", () => {
    const apps = Array.from({ length: 600 }, (_, i) => `app-${i}`);
    const selected = selectApps([...apps, ...apps]);
    expect(selected.size).toBe(500);
    expect(selected.has("app-499")).toBe(true);
    expect(selected.has("app-500")).toBe(false);
  });
});
