/** Whether logs may be written: templates, clocks, and a store that does not respond. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#contract/wire/durations.ts";
import { createStoreReadiness, type ReadinessPorts, type StoreReadiness } from "../src/health/store-readiness.ts";
import { findMissingTemplates } from "../src/opensearch/missing-templates.ts";
import type { StoreClient } from "../src/opensearch/client.ts";

const NOW_MS = Date.UTC(2026, 10, 30, 12);

let readiness: StoreReadiness;
let warnings: string[];
beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
  readiness = createStoreReadiness();
  warnings = [];
  vi.spyOn(console, "warn").mockImplementation((line: string) => void warnings.push(line));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

let missing: readonly string[] | "unavailable" = [];
let storeAheadMs = 0;
let checks = 0;
beforeEach(() => {
  [missing, storeAheadMs, checks] = [[], 0, 0];
});
const ports: ReadinessPorts = {
  findMissingTemplates: async () => {
    checks += 1;
    if (missing === "unavailable") throw new Error("503");
    return missing;
  },
  fetchStoreTimeMs: async () => Date.now() + storeAheadMs,
  mayClockBeWrong: true,
};
const isReady = (more: Partial<ReadinessPorts> = {}): Promise<boolean> => readiness.isReady({ ...ports, ...more });

describe("index templates", () => {
  it("are checked every two seconds", async () => {
    for (let i = 0; i < 10; i += 1) expect(await isReady()).toBe(true);
    vi.advanceTimersByTime(2 * SECOND_MS - 1);
    expect(await isReady()).toBe(true);
    expect(checks).toBe(1);
    missing = ["edgelog-logs"];
    vi.advanceTimersByTime(1);
    expect(await isReady()).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("node opensearch/setup.ts")]);
  });

  it("are checked for each write while one is missing, and the reason is logged once a minute", async () => {
    missing = ["edgelog-logs"];
    for (let i = 0; i < 5; i += 1) expect(await isReady()).toBe(false);
    missing = [];
    expect(await isReady()).toBe(true);
    expect([checks, warnings.length]).toEqual([6, 1]);
  });

  it("are checked before the next write after OpenSearch did not respond: it may return without its data", async () => {
    expect(await isReady()).toBe(true);
    missing = "unavailable";
    readiness.suspect();
    expect(await isReady()).toBe(false);
    missing = ["edgelog-rejected"];
    expect(await isReady()).toBe(false);
  });

  it("are checked again after a check failed: nothing is stored until one succeeds", async () => {
    expect(await isReady()).toBe(true);
    vi.advanceTimersByTime(2 * MINUTE_MS);
    missing = "unavailable";
    expect(await isReady()).toBe(false);
    missing = ["edgelog-logs"];
    expect(await isReady()).toBe(false);
    missing = [];
    expect(await isReady()).toBe(true);
  });

  it("are read from a slow OpenSearch, too, which can still store", async () => {
    const slow = isReady({ findMissingTemplates: () => new Promise((done) => setTimeout(done, 10 * SECOND_MS, [])) });
    await vi.advanceTimersByTimeAsync(10 * SECOND_MS);
    expect(await slow).toBe(true);
  });

  it("do not delay a write while another request checks them, for at most four seconds", async () => {
    const never = new Promise<never>(() => undefined);
    expect(await isReady()).toBe(true);
    vi.advanceTimersByTime(3 * SECOND_MS);
    void isReady({ findMissingTemplates: () => never });
    expect(await isReady()).toBe(true);
    expect(checks).toBe(1);
    vi.advanceTimersByTime(SECOND_MS);
    expect(await isReady()).toBe(true);
    expect(checks).toBe(2);
  });
});

describe("clocks", () => {
  it("prevent writes while they differ by more than 2 minutes", async () => {
    storeAheadMs = 3 * MINUTE_MS;
    expect(await isReady()).toBe(false);
    expect(warnings).toEqual([expect.stringContaining("differ by 180 seconds")]);
    storeAheadMs = MINUTE_MS;
    expect(await isReady()).toBe(true);
  });

  it("are compared again after that of this machine was set", async () => {
    expect(await isReady()).toBe(true);
    vi.setSystemTime(NOW_MS - 400 * 24 * 60 * MINUTE_MS);
    storeAheadMs = 400 * 24 * 60 * MINUTE_MS;
    expect(await isReady()).toBe(false);
    vi.setSystemTime(NOW_MS + 3 * MINUTE_MS);
    storeAheadMs = -3 * MINUTE_MS;
    expect(await isReady()).toBe(false);
  });

  it("are not compared on Cloudflare, whose clock is right", async () => {
    storeAheadMs = 3 * MINUTE_MS;
    expect(await isReady({ mayClockBeWrong: false })).toBe(true);
  });
});

describe(findMissingTemplates, () => {
  const find = (status: number, body: unknown): Promise<readonly string[]> =>
    findMissingTemplates({ request: async () => ({ status, body }) } as unknown as StoreClient);
  const named = (...names: string[]): object => ({ index_templates: names.map((name) => ({ name })) });

  it.each([
    ["all", 200, named("edgelog-logs", "edgelog-rejected", "edgelog-usage"), []],
    ["one is missing", 200, named("edgelog-rejected"), ["edgelog-logs"]],
    ["none", 404, {}, ["edgelog-logs", "edgelog-rejected"]],
    ["a user without the right", 403, { error: { type: "security_exception" } }, []],
    ["a proxy that does not know the path", 404, "<html>", []],
  ] as const)("%s", async (_, status, body, expected) => {
    expect(await find(status, body)).toEqual(expected);
  });

  it("rejects while OpenSearch is unavailable", async () => {
    await expect(find(503, {})).rejects.toThrow("no index templates");
  });
});
