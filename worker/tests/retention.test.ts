import { describe, expect, it } from "vitest";
import type { Hold, RetentionRun } from "#contract/store/retention.ts";
import { applyRetention } from "../src/retention/apply-retention.ts";
import { isExpired, planRetention, type StoredIndex } from "../src/retention/plan-retention.ts";
import { runRetention } from "../src/retention/run-retention.ts";
import type { StoreClient, StoreResponse } from "../src/opensearch/client.ts";
import { estimateBytesPerDay, estimateDaysLeft } from "../src/status/estimate-growth.ts";

const NOW_MS = Date.parse("2026-03-31T12:00:00Z");
const GB = 1e9;

describe(isExpired, () => {
  it.each([
    ["logs-7d-2026.03.23", true],
    ["logs-7d-2026.03.24", false],
    ["logs-30d-2026.02.27", true],
    ["logs-30d-2026.03.01", false],
    ["logs-90d-w2025.12.22", true],
    ["logs-90d-w2025.12.29", false],
    ["logs-365d-2025.02", true],
    ["logs-365d-2025.03", false],
    ["rejected-2026.02.27", true],
    ["rejected-2026.03.30", false],
    ["logs-30d-skewed", false],
    ["somebody-elses-2001.01.01", false],
    ["logs-x-2001.01.01", false],
  ])("%s: %s", (index, expected) => expect(isExpired(index, NOW_MS)).toBe(expected));
});

const toIndex = (name: string, bytes = GB, documents = 10): StoredIndex => ({ name, bytes, documents });

const EXPIRED = toIndex("logs-7d-2026.03.01");
/** In the order in which they expire. */
const CURRENT = ["logs-30d-2026.03.10", "rejected-2026.03.20", "logs-365d-2026.01", "logs-7d-2026.03.31"].map((name) =>
  toIndex(name),
);

describe(planRetention, () => {
  const names = (...args: Parameters<typeof planRetention>): readonly string[] =>
    planRetention(...args).map(({ name, reason }) => `${name} ${reason}`);

  it("deletes only what has expired, without a limit", () => {
    expect(names([...CURRENT, EXPIRED], NOW_MS)).toEqual([`${EXPIRED.name} expired`]);
  });

  it("deletes what expires next until the size is below the limit, but nothing of the current period", () => {
    expect(names([...CURRENT, EXPIRED], NOW_MS, { maxBytes: 2.5 * GB })).toEqual([
      `${EXPIRED.name} expired`,
      "logs-30d-2026.03.10 max_bytes",
      "rejected-2026.03.20 max_bytes",
    ]);
    expect(names(CURRENT, NOW_MS, { maxBytes: 1 })).toHaveLength(3);
  });

  it("does not count documents on hold as freed", () => {
    const held = (index: StoredIndex, heldDocuments: number): StoredIndex => ({ ...index, heldDocuments });
    const [first, second, ...others] = CURRENT as [StoredIndex, StoredIndex, ...StoredIndex[]];
    const limits = { maxBytes: 3 * GB };
    expect(names([first, second, ...others], NOW_MS, limits)).toEqual([`${first.name} max_bytes`]);
    expect(names([held(first, 10), second, ...others], NOW_MS, limits)).toEqual([`${second.name} max_bytes`]);
    expect(names([held(first, 4), second, ...others], NOW_MS, limits)).toEqual([
      `${first.name} max_bytes`,
      `${second.name} max_bytes`,
    ]);
    expect(names([...CURRENT, held(EXPIRED, 10)], NOW_MS, { maxBytes: 4 * GB })).toEqual([
      `${EXPIRED.name} expired`,
      `${first.name} max_bytes`,
    ]);
    const full = [{ usedBytes: 90.5 * GB, totalBytes: 100 * GB }];
    const many = Array.from({ length: 20 }, (_, i) => toIndex(`logs-30d-2026.03.${String(i + 2).padStart(2, "0")}`));
    expect(names([...many, held(EXPIRED, 10)], NOW_MS, { maxDiskShare: 0.9 }, full)).toEqual([
      `${EXPIRED.name} expired`,
      "logs-30d-2026.03.02 disk",
    ]);
  });

  it("does not delete others because the files still contain documents that are already deleted", () => {
    const [first, ...others] = CURRENT as [StoredIndex, ...StoredIndex[]];
    const pruned: StoredIndex = { ...first, documents: 2, heldDocuments: 2, deletedDocuments: 8 };
    expect(names([pruned, ...others], NOW_MS, { maxBytes: 3.5 * GB })).toEqual([]);
    expect(names([pruned, ...others], NOW_MS, { maxBytes: 3.1 * GB })).toEqual(["rejected-2026.03.20 max_bytes"]);
    const full = [{ usedBytes: 90.7 * GB, totalBytes: 100 * GB }];
    expect(names([pruned, ...others], NOW_MS, { maxDiskShare: 0.9 }, full)).toEqual([]);
    const fuller = [{ usedBytes: 90.9 * GB, totalBytes: 100 * GB }];
    expect(names([pruned, ...others], NOW_MS, { maxDiskShare: 0.9 }, fuller)).toEqual(["rejected-2026.03.20 disk"]);
  });

  it("deletes what expires next while a disk is too full, and at most a tenth in one run", () => {
    const many = Array.from({ length: 20 }, (_, i) => toIndex(`logs-30d-2026.03.${String(i + 2).padStart(2, "0")}`));
    const full = [{ usedBytes: 91 * GB, totalBytes: 100 * GB }];
    expect(names(many, NOW_MS, { maxDiskShare: 0.9 }, full)).toEqual(["logs-30d-2026.03.02 disk"]);
    const brimming = [{ usedBytes: 99 * GB, totalBytes: 100 * GB }];
    expect(names(many, NOW_MS, { maxDiskShare: 0.9 }, brimming)).toHaveLength(2);
    expect(names(many, NOW_MS, { maxDiskShare: 0.92 }, full)).toEqual([]);
    expect(names(many, NOW_MS, {}, brimming)).toEqual([]);
  });
});

/** OpenSearch with these indices. `held` documents of an index belong to the app `shop`. */
const createStore = (
  indices: readonly (StoredIndex & { readonly held?: number })[],
  holds: readonly Hold[] = [],
  fail: (path: string) => number | undefined = () => undefined,
) => {
  const requests: string[] = [];
  const runs = new Map<string, RetentionRun>();
  const respond = (method: string, path: string, body: object | undefined): StoreResponse => {
    const failure = fail(`${method} ${path}`);
    if (failure !== undefined) return { status: failure, body: { error: { type: "test" } } };
    const index = indices.find(({ name }) => path.startsWith(`/${name}`));
    if (path.startsWith("/_cat/indices/logs")) {
      const rows = indices.map(({ name, bytes, documents }) => ({
        index: name,
        "docs.count": String(documents),
        "store.size": String(bytes),
      }));
      return { status: 200, body: rows };
    }
    if (path.startsWith("/edgelog-retention/_doc/holds")) {
      const body = { _source: { holds }, _seq_no: 0, _primary_term: 1 };
      return holds.length === 0 ? { status: 404, body: {} } : { status: 200, body };
    }
    if (path.startsWith("/edgelog-retention/_doc/")) {
      runs.set(path, body as RetentionRun);
      return { status: 201, body: {} };
    }
    if (path.includes("/_count")) {
      const { held = 0, documents = 0 } = index ?? {};
      const count = JSON.stringify(body).includes("must_not") ? documents - held : held;
      return { status: 200, body: { count, _shards: { failed: 0 } } };
    }
    if (path.startsWith("/logs-*,rejected-*/_search")) {
      const buckets = indices.flatMap(({ name, held = 0 }) => (held > 0 ? [{ key: name, doc_count: held }] : []));
      return { status: 200, body: { aggregations: { indices: { buckets } } } };
    }
    if (path.includes("/_search")) return { status: 200, body: { _shards: { total: 1, successful: 1 } } };
    return { status: 200, body: {} };
  };
  const request: StoreClient["request"] = async (method, path, body) => {
    requests.push(`${method} ${path.replace(/\?.*/, "")}`);
    return respond(method, path, body);
  };
  const client: StoreClient = {
    request,
    requestWithin: (_, ...args) => request(...args),
    postLines: async () => ({ status: 200, body: {} }),
  };
  const deletions = (): readonly string[] => requests.filter((each) => /^DELETE|_delete_by_query/.test(each));
  return { client, deletions, runs };
};

const HOLD: Hold = { app: "shop", since: "2026-03-01T00:00:00.000Z", note: "case 12" };

describe(applyRetention, () => {
  it("records each deleted index with its reason and size", async () => {
    const { client, deletions, runs } = createStore([EXPIRED, ...CURRENT]);
    await applyRetention(client, NOW_MS, { maxBytes: 3.5 * GB });
    expect(deletions()).toEqual(["DELETE /logs-7d-2026.03.01", "DELETE /logs-30d-2026.03.10"]);
    expect([...runs.values()]).toEqual([
      {
        at: "2026-03-31T12:00:00.000Z",
        finishedAt: expect.any(String),
        deletions: [
          { index: EXPIRED.name, reason: "expired", documents: 10, bytes: GB },
          { index: "logs-30d-2026.03.10", reason: "max_bytes", documents: 10, bytes: GB },
        ],
      },
    ]);
  });

  it("deletes only the documents of other apps from an index of an app on hold", async () => {
    const { client, deletions, runs } = createStore([{ ...EXPIRED, held: 4 }], [HOLD]);
    expect(await applyRetention(client, NOW_MS)).toEqual([
      { index: EXPIRED.name, reason: "expired", documents: 6, held: 4 },
    ]);
    expect(deletions()).toEqual([`POST /${EXPIRED.name}/_delete_by_query`]);
    expect(runs.size).toBe(1);
  });

  it("deletes nothing, and records nothing, if all documents are on hold", async () => {
    const { client, deletions, runs } = createStore([{ ...EXPIRED, held: 10 }], [HOLD]);
    expect(await applyRetention(client, NOW_MS)).toEqual([]);
    expect(deletions()).toEqual([]);
    expect(runs.size).toBe(0);
  });

  it("deletes the next index in the place of one whose documents are all on hold", async () => {
    const [first, ...others] = CURRENT as [StoredIndex, ...StoredIndex[]];
    const { client, deletions } = createStore([{ ...first, held: 10 }, ...others], [HOLD]);
    await applyRetention(client, NOW_MS, { maxBytes: 3 * GB });
    expect(deletions()).toEqual(["DELETE /rejected-2026.03.20"]);
  });

  it("deletes what has expired even if the documents on hold cannot be counted in advance", async () => {
    const { client, deletions } = createStore([{ ...EXPIRED, held: 4 }], [HOLD], (path) =>
      path.includes("logs-*,rejected-*/_search") ? 503 : undefined,
    );
    await applyRetention(client, NOW_MS);
    expect(deletions()).toEqual([`POST /${EXPIRED.name}/_delete_by_query`]);
  });

  it("deletes nothing if the holds cannot be read", async () => {
    const { client, deletions } = createStore([EXPIRED], [], (path) => (path.includes("/holds") ? 503 : undefined));
    await expect(applyRetention(client, NOW_MS)).rejects.toThrow("test");
    expect(deletions()).toEqual([]);
  });

  it("deletes nothing further once an app is put on hold during the run", async () => {
    const holds: Hold[] = [];
    const { client, deletions } = createStore([EXPIRED, toIndex("logs-7d-2026.03.02")], holds, (path) => {
      if (path.startsWith("DELETE")) holds.push(HOLD);
      return undefined;
    });
    expect((await applyRetention(client, NOW_MS)).map(({ index }) => index)).toEqual([EXPIRED.name]);
    expect(deletions()).toEqual([`DELETE /${EXPIRED.name}`]);
  });

  it("deletes indices also while all of them are read-only, and so the run cannot be recorded", async () => {
    const { client, deletions } = createStore([EXPIRED], [], (path) => (path.startsWith("PUT") ? 429 : undefined));
    expect(await applyRetention(client, NOW_MS)).toHaveLength(1);
    expect(deletions()).toEqual([`DELETE /${EXPIRED.name}`]);
  });

  it("continues after an index without a period that cannot be counted", async () => {
    const { client, deletions } = createStore([EXPIRED, toIndex("logs-30d-skewed")], [], (path) =>
      path.includes("logs-30d-skewed") ? 503 : undefined,
    );
    expect((await applyRetention(client, NOW_MS)).map(({ index }) => index)).toEqual([EXPIRED.name]);
    expect(deletions()).toEqual([`DELETE /${EXPIRED.name}`]);
  });

  it("continues after an index that cannot be deleted", async () => {
    const other = toIndex("logs-7d-2026.03.02");
    const { client } = createStore([EXPIRED, other], [], (path) =>
      path === `DELETE /${EXPIRED.name}` ? 500 : undefined,
    );
    expect((await applyRetention(client, NOW_MS)).map(({ index }) => index)).toEqual([other.name]);
  });
});

describe(runRetention, () => {
  const DAY = 86_400_000;
  const MINUTE = 60_000;

  it.each([
    ["31 days ahead", 31 * DAY, []],
    ["31 days behind", -31 * DAY, []],
    ["right, apart from 2 minutes", 2 * MINUTE, [`DELETE /${EXPIRED.name}`]],
  ])("with a clock that is %s", async (_, aheadMs, deleted) => {
    const { client, deletions } = createStore([EXPIRED]);
    await runRetention(
      client,
      NOW_MS,
      {},
      async () => NOW_MS - aheadMs,
      () => NOW_MS,
    );
    expect(deletions()).toEqual(deleted);
  });
});

describe("growth", () => {
  it("is the size of the last 7 days, of which an index of a week or month has its share", () => {
    const daily = Array.from({ length: 31 }, (_, i) => toIndex(`logs-30d-2026.03.${String(i + 1).padStart(2, "0")}`));
    expect(estimateBytesPerDay(daily, Date.parse("2026-04-01"))).toBeCloseTo(GB, -6);
    expect(estimateBytesPerDay([toIndex("logs-365d-2026.03", 31 * GB)], Date.parse("2026-04-01"))).toBeCloseTo(GB, -6);
    expect(estimateBytesPerDay([toIndex("logs-30d-skewed")], NOW_MS)).toBe(0);
  });

  it("fills the disk with the least free space first, up to the high watermark", () => {
    const disks = [
      { usedBytes: 50 * GB, totalBytes: 100 * GB },
      { usedBytes: 70 * GB, totalBytes: 100 * GB },
    ];
    const growth = [toIndex("logs-365d-2026.03", 4 * 31 * GB)];
    expect(estimateDaysLeft(disks, growth, Date.parse("2026-04-01"))).toBeCloseTo(10);
    expect(estimateDaysLeft(disks, [], NOW_MS)).toBeUndefined();
    expect(estimateDaysLeft([], growth, NOW_MS)).toBeUndefined();
    expect(estimateDaysLeft([{ usedBytes: 91 * GB, totalBytes: 100 * GB }], [], NOW_MS)).toBe(0);
  });

  it("does not fill a disk if as much expires as is stored, and does if less expires", () => {
    const week = Array.from({ length: 8 }, (_, i) => toIndex(`logs-7d-2026.03.${String(24 + i)}`, GB));
    const midnight = Date.parse("2026-04-01");
    // 8 GB of the used 60 GB are these logs, and stay 8 GB.
    const disks = [{ usedBytes: 60 * GB, totalBytes: 100 * GB }];
    expect(estimateDaysLeft(disks, week, midnight)).toBeUndefined();
    expect(estimateDaysLeft([{ usedBytes: 89 * GB, totalBytes: 100 * GB }], week, midnight)).toBeUndefined();
    // Since two days 3 GB a day: 24 GB at the end, 18 GB more than now.
    const young = ["logs-7d-2026.03.30", "logs-7d-2026.03.31"].map((name) => toIndex(name, 3 * GB));
    expect(estimateDaysLeft([{ usedBytes: 71 * GB, totalBytes: 100 * GB }], young, midnight)).toBeUndefined();
    expect(estimateDaysLeft([{ usedBytes: 75 * GB, totalBytes: 100 * GB }], young, midnight)).toBeCloseTo(5);
    // The same with 30 days: nothing expires for a month.
    const long = young.map(({ name, ...index }) => ({ ...index, name: name.replace("7d", "30d") }));
    expect(estimateDaysLeft(disks, long, midnight)).toBeCloseTo(10);
  });
});
