import { describe, expect, it } from "vitest";
import type { Health } from "#contract/api/health.ts";
import { statusResponseSchema, type StatusResponse } from "#contract/api/status.ts";
import { toExposition } from "../src/metrics/exposition.ts";
import { toMetrics } from "../src/metrics/to-metrics.ts";
import type { StoreClient } from "../src/opensearch/client.ts";
import { fetchStatus } from "../src/status/fetch-status.ts";

const NOW = Date.UTC(2026, 10, 29, 12);
const TIME = new Date(NOW).toISOString();
const HEALTH: Health = {
  status: "degraded",
  opensearch: "up",
  checkedAt: TIME,
  problems: [{ code: "quota_warning", message: "1 app has used more than 80 %." }],
};

const apps = Array.from({ length: 300 }, (_, i) => ({
  app: `app-${i}`,
  bytes: 300 - i,
  events: 2,
  rejected: 1,
  overQuota: 3,
  rejectedBytes: 10,
}));

const RELAY = {
  id: "0123456789ab",
  status: "ok",
  problems: [],
  oldestUnacknowledgedMs: 12,
  heldMessages: 3,
  brokerStoredBytes: 0,
  brokerQueueBytes: 100,
  brokerDroppedMessages: 0,
  lostSessions: 0,
  sessions: 2,
  readySessions: 2,
  slowSessions: 0,
  reportedAt: TIME,
};

const SHARDS = { _shards: { total: 1, successful: 1, failed: 0 } };
const toHits = (...sources: readonly object[]): object => ({
  ...SHARDS,
  hits: { hits: sources.map((_source) => ({ _source })) },
});

/** The responses by the start of the path. */
const RESPONSES: Readonly<Record<string, unknown>> = {
  "/_cat/indices/logs": [
    { index: "logs-30d-2026.11.28", "docs.count": "10", "store.size": "5000" },
    { index: "logs-30d-2026.11.29", "docs.count": "5", "store.size": "2500" },
    { index: "logs-30d-2026.10.01", "docs.count": null, "store.size": null },
  ],
  "/_nodes/": { nodes: { a: { fs: { total: { total_in_bytes: 100_000, available_in_bytes: 40_000 } } } } },
  "/edgelog-status/": toHits(RELAY, { id: "of another version" }),
  "/edgelog-usage/": toHits({ day: "2026-11-29", countedAt: TIME, apps }),
  "/rejected-*/": {
    ...SHARDS,
    aggregations: {
      reasons: {
        buckets: [
          { key: "invalid_json", sum: { value: 7 } },
          { key: "other", sum: { value: 1 } },
        ],
      },
    },
  },
  "/edgelog-retention/_search": toHits({
    at: TIME,
    deletions: [{ index: "logs-7d-2026.11.01", reason: "disk", documents: 3 }],
  }),
};

const createStore = (failing: readonly string[] = []): StoreClient => {
  const request: StoreClient["request"] = async (_, path) => {
    const start = Object.keys(RESPONSES).find((each) => path.startsWith(each));
    if (start === undefined || failing.includes(start)) return { status: failing.length > 0 ? 503 : 404, body: {} };
    return { status: 200, body: RESPONSES[start] };
  };
  return { request, requestWithin: (_, ...args) => request(...args), postLines: (path) => request("POST", path) };
};

const fetchAll = (client: StoreClient): Promise<StatusResponse> => fetchStatus(client, async () => HEALTH, NOW);

describe(fetchStatus, () => {
  it("collects the state of all parts", async () => {
    const status = await fetchAll(createStore());
    expect(statusResponseSchema.parse(status)).toEqual(status);
    expect(status).toMatchObject({
      health: HEALTH,
      store: { indices: 3, bytes: 7_500, documents: 15, disks: [{ usedBytes: 60_000, totalBytes: 100_000 }] },
      relays: [RELAY],
      today: { events: 600, rejected: 300, overQuota: 900, rejectedByReason: { invalid_json: 7 } },
      retention: { holds: [], last: { deletions: [{ reason: "disk" }] } },
    });
    expect(status.today?.apps).toHaveLength(100);
    expect(status.store?.bytesPerDay).toBeCloseTo(7_500 / 7, 0);
    expect(status.store?.diskDaysLeft).toBeCloseTo(30_000 / (7_500 / 7), 0);
  });

  it("has the time of the last count also if it was the day before, with the counts of the day", async () => {
    const store = createStore();
    const of = (...days: readonly object[]): Promise<StatusResponse> =>
      fetchAll({
        ...store,
        request: async (method, path, body) =>
          path.startsWith("/edgelog-usage/")
            ? { status: 200, body: toHits(...days) }
            : await store.request(method, path, body),
      });
    const [earlier, later] = ["2026-11-28T23:59:00.000Z", "2026-11-29T11:59:00.000Z"];
    const [yesterday, today] = [
      { day: "2026-11-28", countedAt: earlier, apps },
      { day: "2026-11-29", countedAt: later, apps: apps.slice(0, 2) },
    ];
    expect((await of(yesterday)).today).toMatchObject({ countedAt: earlier, events: 0, apps: [] });
    expect((await of(yesterday, today)).today).toMatchObject({ countedAt: later, events: 4 });
    expect((await of(today, yesterday)).today).toMatchObject({ countedAt: later, events: 4 });
    expect((await of()).today).toBeUndefined();
  });

  it("leaves out what cannot be read", async () => {
    expect(await fetchAll(createStore(Object.keys(RESPONSES)))).toEqual({ checkedAt: TIME, health: HEALTH });
    const status = await fetchAll(createStore(["/_nodes/"]));
    expect(Object.keys(status)).toContain("relays");
    expect(Object.keys(status)).not.toContain("store");
  });
});

describe("GET /metrics", () => {
  it("is Prometheus' text format, with bounded labels", async () => {
    const text = toExposition(toMetrics(await fetchAll(createStore())));
    expect(text).toContain('edgelog_worker_health{status="degraded"} 1\n');
    expect(text).toContain('edgelog_worker_health{status="ok"} 0\n');
    expect(text).toContain('edgelog_worker_health_problem{code="quota_warning"} 1\n');
    expect(text).toContain('edgelog_worker_events_today{app="app-0",outcome="over_quota"} 3\n');
    expect(text).not.toContain("app-100");
    expect(text).toContain('edgelog_worker_rejected_today{reason="invalid_json"} 7\n');
    expect(text).toContain("edgelog_worker_store_disk_used_ratio 0.6\n");
    expect(text).toContain(`edgelog_worker_relay_reported_timestamp_seconds{relay="0123456789ab"} ${NOW / 1_000}\n`);
    expect(text).toContain("edgelog_worker_retention_deleted_early_indices 1\n");
    for (const line of text.trimEnd().split("\n")) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{(?:[a-z]+="[^"\n]*",?)+\})? [\d.e+-]+)$/);
    }
    expect(text.endsWith("\n")).toBe(true);
  });

  it("has the health alone while OpenSearch is unavailable", async () => {
    const text = toExposition(toMetrics({ checkedAt: TIME, health: HEALTH }));
    expect([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)).toEqual([
      "edgelog_worker_health",
      "edgelog_worker_health_problem",
    ]);
  });

  it("escapes labels", () => {
    const text = toExposition([{ name: "x", help: "a\nb", samples: [{ labels: { l: 'a"\\\n' }, value: 1 }] }]);
    expect(text).toContain(String.raw`# HELP edgelog_worker_x a\nb`);
    expect(text).toContain(String.raw`edgelog_worker_x{l="a\"\\\n"} 1`);
  });
});
