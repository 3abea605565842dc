import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { healthSchema, type Health } from "#contract/api/health.ts";
import { createCachedHealth } from "../src/health/cached-health.ts";
import type { HealthPorts } from "../src/health/check-health.ts";
import { parseClusterState } from "../src/opensearch/cluster-state.ts";

const NOW = Date.UTC(2026, 10, 28, 12);

const started = (primary = true) => ({ state: "STARTED", primary });
const unassigned = (primary = true) => ({ state: "UNASSIGNED", primary });
const routing = (indices: Record<string, object[]>): object => ({
  routing_table: {
    indices: Object.fromEntries(Object.entries(indices).map(([name, copies]) => [name, { shards: { "0": copies } }])),
  },
});

describe(parseClusterState, () => {
  it("is green without indices, and yellow without replicas, which is not a problem", () => {
    expect(parseClusterState(200, {})).toEqual({ cluster: "green", red: [], problems: [] });
    const state = routing({ "logs-30d-2026.11.28": [started(), unassigned(false)] });
    expect(parseClusterState(200, state)).toEqual({ cluster: "yellow", red: [], problems: [] });
  });

  it("names red indices", () => {
    const state = routing({ "logs-30d-2026.11.28": [unassigned()], "logs-7d-2026.11.28": [started()] });
    expect(parseClusterState(200, state)).toMatchObject({
      cluster: "red",
      problems: [{ code: "index_red", indices: ["logs-30d-2026.11.28"] }],
    });
  });

  it("names closed indices, read-only indices and those at the flood stage, and ignores indices of others", () => {
    const block = (...levels: string[]): object => ({ levels });
    const { problems } = parseClusterState(200, {
      blocks: {
        indices: {
          "logs-30d-2026.11.25": { "4": block("read", "write") },
          "logs-30d-2026.11.26": { "12": block("write", "metadata_write") },
          "rejected-2026.11.27": { "8": block("write") },
          "edgelog-alerts": { "9": block("metadata_write") },
          "orders-1": { "12": block("write") },
        },
      },
      metadata: { indices: { "logs-30d-2026.11.25": { state: "close" }, "logs-30d-2026.11.26": { state: "open" } } },
    });
    expect(problems).toMatchObject([
      { code: "index_closed", indices: ["logs-30d-2026.11.25"] },
      { code: "disk_full", indices: ["logs-30d-2026.11.26"] },
      { code: "index_blocked", indices: ["rejected-2026.11.27"] },
    ]);
  });

  it("reports that requests to create an index are refused while logs are stored", () => {
    const { problems } = parseClusterState(200, { blocks: { global: { "10": { levels: ["create_index"] } } } });
    expect(problems).toMatchObject([
      { code: "index_creation_blocked", message: expect.stringMatching(/Logs are stored, but .*reindex.* fail/) },
    ]);
  });

  it("reports a read-only cluster, and throws without a cluster manager", () => {
    const global = (id: string): object => ({ blocks: { global: { [id]: { levels: ["write"] } } } });
    expect(parseClusterState(200, global("6")).problems).toMatchObject([{ code: "cluster_blocked" }]);
    expect(() => parseClusterState(200, global("2"))).toThrow("no cluster manager");
    expect(() => parseClusterState(503, {})).toThrow("no cluster state");
  });
});

const never = (): Promise<never> => new Promise(() => undefined);

describe("the cached health", () => {
  let warnings: Record<string, unknown>[] = [];
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW });
    warnings = [];
    vi.spyOn(console, "warn").mockImplementation((line: string) => {
      warnings.push(JSON.parse(line) as Record<string, unknown>);
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const healthyPorts: HealthPorts = {
    fetchClusterState: async () => ({ cluster: "yellow", red: [], problems: [] }),
    findMissingTemplates: async () => [],
    fetchStoreTimeMs: async () => Date.now(),
    mayClockBeWrong: false,
    hasApps: async () => true,
    countAppsNearQuota: async () => 0,
  };
  const waitUntil = (): void => undefined;

  /** The health, and the time until it was available. */
  const measure = async (health: Promise<Health>): Promise<{ health: Health; ms: number }> => {
    const start = Date.now();
    const timed = health.then((value) => ({ health: healthSchema.parse(value), ms: Date.now() - start }));
    await vi.advanceTimersByTimeAsync(2_500);
    return await timed;
  };

  it("sends one request to OpenSearch in 10 seconds, however often it is read", async () => {
    const fetchClusterState = vi.fn<HealthPorts["fetchClusterState"]>(healthyPorts.fetchClusterState);
    const hasApps = vi.fn<HealthPorts["hasApps"]>(healthyPorts.hasApps);
    const cached = createCachedHealth();
    const getAll = async (): Promise<void> => {
      const all = Array.from({ length: 400 }, () =>
        cached.get({ ...healthyPorts, fetchClusterState, hasApps }, waitUntil),
      );
      await vi.advanceTimersByTimeAsync(100);
      for (const health of await Promise.all(all)) {
        expect(health).toMatchObject({ status: "ok", opensearch: "up", cluster: "yellow", problems: [] });
      }
    };
    await getAll();
    await vi.advanceTimersByTimeAsync(9_000);
    await getAll();
    expect(fetchClusterState).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await getAll();
    expect([fetchClusterState.mock.calls.length, hasApps.mock.calls.length]).toEqual([2, 1]);
    expect(warnings).toEqual([]);
  });

  it("checks everything again after the clock was set back", async () => {
    const hasApps = vi.fn<HealthPorts["hasApps"]>(healthyPorts.hasApps);
    const cached = createCachedHealth();
    await cached.get({ ...healthyPorts, hasApps }, waitUntil);
    vi.setSystemTime(NOW - 60 * 60_000);
    const { checkedAt } = await cached.get({ ...healthyPorts, hasApps }, waitUntil);
    expect([Date.parse(checkedAt), hasApps.mock.calls.length]).toEqual([NOW - 60 * 60_000, 2]);
  });

  it("checks everything again after OpenSearch was unavailable: it may return without its data", async () => {
    const cached = createCachedHealth();
    await measure(cached.get(healthyPorts, waitUntil));
    const refuse = (): Promise<never> => Promise.reject(new Error("503"));
    const check = async (ports: Partial<HealthPorts>): Promise<Health> => {
      await vi.advanceTimersByTimeAsync(10_000);
      return (await measure(cached.get({ ...healthyPorts, ...ports }, waitUntil))).health;
    };
    expect(await check({ fetchClusterState: refuse })).toMatchObject({ status: "down" });
    const missing = { findMissingTemplates: async () => ["edgelog-logs"] };
    expect(await check(missing)).toMatchObject({ problems: [{ code: "templates_missing" }] });
  });

  it("does not wait longer for another check when the clock is set back", async () => {
    const cached = createCachedHealth();
    void cached.get({ ...healthyPorts, fetchClusterState: never }, waitUntil);
    const waiting = cached.get(healthyPorts, waitUntil);
    vi.setSystemTime(NOW - 60 * 60_000);
    await vi.advanceTimersByTimeAsync(100);
    expect((await waiting).status).toBe("down");
  });

  it("responds within 2 seconds when no component responds, also to requests during the check", async () => {
    const ports = {
      ...healthyPorts,
      fetchClusterState: never,
      findMissingTemplates: never,
      fetchStoreTimeMs: never,
      hasApps: never,
      countAppsNearQuota: never,
    };
    const cached = createCachedHealth();
    const both = await Promise.all([measure(cached.get(ports, waitUntil)), measure(cached.get(ports, waitUntil))]);
    for (const { health, ms } of both) {
      expect(ms).toBeLessThanOrEqual(2_000);
      expect(health).toMatchObject({ status: "down", opensearch: "down" });
      expect(health.problems.map(({ code }) => code)).toEqual(["opensearch_unavailable", "apps_unreadable"]);
    }
  });

  it("responds within 2 seconds after a check that never ended, and checks again", async () => {
    const cached = createCachedHealth();
    const canceled = { ...healthyPorts, fetchClusterState: never };
    void cached.get(canceled, waitUntil);
    vi.clearAllTimers();
    const { health, ms } = await measure(cached.get(healthyPorts, waitUntil));
    expect([health.status, ms <= 2_000]).toEqual(["down", true]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await measure(cached.get(healthyPorts, waitUntil))).health.status).toBe("ok");
  });

  it.each([
    ["apps_missing", { hasApps: async () => false }],
    ["clock_skew", { fetchStoreTimeMs: async () => NOW - 60 * 86_400_000 }],
  ])("is degraded with %s", async (code, ports) => {
    const { health } = await measure(createCachedHealth().get({ ...healthyPorts, ...ports }, waitUntil));
    expect(health).toMatchObject({ status: "degraded", opensearch: "up", problems: [{ code }] });
  });

  it.each([
    ["templates_missing", { findMissingTemplates: async () => ["edgelog-logs"] }],
    ["clock_skew", { fetchStoreTimeMs: async () => NOW - 60 * 86_400_000, mayClockBeWrong: true }],
  ])("is down with %s, with which no log is stored", async (code, ports) => {
    const { health } = await measure(createCachedHealth().get({ ...healthyPorts, ...ports }, waitUntil));
    expect(health).toMatchObject({ status: "down", problems: [{ code }] });
  });

  it("is ok with quota_warning, which whoever has the public key of an app can cause", async () => {
    const ports = { ...healthyPorts, countAppsNearQuota: async () => 2 };
    const { health } = await measure(createCachedHealth().get(ports, waitUntil));
    expect(health).toMatchObject({ status: "ok", problems: [{ code: "quota_warning" }] });
    const red = { cluster: "red", red: [], problems: [{ code: "index_red", message: "red" }] } as const;
    const both = await measure(createCachedHealth().get({ ...ports, fetchClusterState: async () => red }, waitUntil));
    expect(both.health.status).toBe("degraded");
  });

  it("reports missing apps with the next check after a message of an unknown app, and their return", async () => {
    const cached = createCachedHealth();
    let hasApps = true;
    const check = async (): Promise<string> => {
      await vi.advanceTimersByTimeAsync(10_000);
      return (await measure(cached.get({ ...healthyPorts, hasApps: async () => hasApps }, waitUntil))).health.status;
    };
    expect(await check()).toBe("ok");
    hasApps = false;
    expect(await check()).toBe("ok");
    cached.suspectApps();
    expect(await check()).toBe("degraded");
    hasApps = true;
    expect(await check()).toBe("ok");
  });

  it("logs each change once", async () => {
    const red = {
      cluster: "red",
      red: ["logs-30d-x"],
      problems: [{ code: "index_red", message: "No copy of logs-30d-x is available.", indices: ["logs-30d-x"] }],
    } as const;
    const cached = createCachedHealth();
    const states = [undefined, red, red, red, undefined, undefined];
    for (const state of states) {
      const ports = state === undefined ? healthyPorts : { ...healthyPorts, fetchClusterState: async () => state };
      await measure(cached.get(ports, waitUntil));
      await vi.advanceTimersByTimeAsync(10_000);
    }
    expect(warnings).toMatchObject([
      { message: "health changed", status: "degraded", problems: "No copy of logs-30d-x is available." },
      { message: "health changed", status: "ok" },
    ]);
  });
});
