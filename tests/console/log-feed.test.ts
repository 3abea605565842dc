/** Rows and counts of the console's log list. The server's responses are computed from a list of stored logs. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SearchHit } from "#contract/api/search.ts";
import { readerToken } from "../../web-client/console/api/reader-token.ts";
import { toEpochMs } from "../../web-client/console/lib/to-epoch-ms.ts";
import { LogFeed } from "../../web-client/console/logs/feed/log-feed.ts";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const POLL_MS = 1_000;
const HOUR_MS = 3_600_000;

let stored: SearchHit[];
let serverAheadMs: number;
let status: number;
let created: number;
let feed: LogFeed;

const createLog = (ms = Date.now(), observedMs = ms): SearchHit => {
  created += 1;
  const document = {
    "@timestamp": new Date(ms).toISOString(),
    observedTimestamp: new Date(observedMs).toISOString(),
    body: `log ${created}`,
    severity: { number: 9, text: "info" },
    edgelog: { app: "shop" },
  };
  return { id: `018b0000-0000-7000-8000-${String(created).padStart(12, "0")}`, document } as unknown as SearchHit;
};

const createLogs = (count: number, toMs: (index: number) => number = () => Date.now()): SearchHit[] =>
  Array.from({ length: count }, (_, index) => createLog(toMs(index)));

const timeOf = ({ document }: SearchHit): number => Date.parse(document["@timestamp"]);

/** `GET /search`: a cursor is the number of logs on the pages before it. */
const search = (params: URLSearchParams): object => {
  const from = params.get("from");
  const fromMs = from === null ? -Infinity : toEpochMs(from, Date.now() + serverAheadMs);
  const [, seconds] = /observed:>now-(\d+)s$/.exec(params.get("q") ?? "") ?? [];
  const observedMs = seconds === undefined ? -Infinity : Date.now() + serverAheadMs - Number(seconds) * 1_000;
  const found = stored
    .filter((log) => timeOf(log) >= fromMs && Date.parse(log.document.observedTimestamp) > observedMs)
    .sort((a, b) => timeOf(b) - timeOf(a));
  const start = Number(params.get("cursor") ?? 0);
  const end = start + Number(params.get("limit"));
  return {
    total: Math.min(found.length, 10_000),
    totalIsLowerBound: found.length > 10_000,
    hits: found.slice(start, end),
    ...(end < found.length && { nextCursor: String(end) }),
  };
};

/** Rows and number of logs of the feed. */
const counts = (): { readonly rows: number; readonly total: number } => ({
  rows: feed.rows.length,
  total: feed.state.value.total,
});

const open = async (filter: Readonly<Record<string, string>> = {}): Promise<void> => {
  feed = new LogFeed(new URLSearchParams(filter));
  feed.isLive = true;
  feed.start();
  await vi.advanceTimersByTimeAsync(10);
};

const poll = (): Promise<unknown> => vi.advanceTimersByTimeAsync(POLL_MS);

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW });
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("fetch", async (path: string) =>
    status === 200
      ? Response.json(search(new URL(path, "http://console.test").searchParams))
      : Response.json({ detail: "No." }, { status }),
  );
  readerToken.value = "reader";
  created = 0;
  serverAheadMs = 0;
  status = 200;
  stored = [createLog()];
});
afterEach(() => {
  feed.stop();
  readerToken.value = undefined;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the number of logs", () => {
  it("does not grow by older logs that a poll finds again", async () => {
    stored = createLogs(5_000, (index) => NOW - index * 25);
    await open();
    await feed.loadMore();
    await poll();
    expect(counts().total).toBe(5_000);
    stored.push(createLog());
    await poll();
    expect(counts().total).toBe(5_001);
  });

  it("counts a late log in the loaded part of the list, and keeps the order below it", async () => {
    stored = createLogs(700, (index) => NOW - index * 10_000);
    await open();
    const late = createLog(NOW - 6_000_005);
    feed.addLive([late, createLog(NOW - 5)]);
    expect(counts()).toEqual({ rows: 102, total: 701 });
    stored.push(late);
    await feed.loadMore();
    const times = feed.rows.map(({ ms }) => ms);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it("falls when live logs are not stored in time", async () => {
    await open();
    feed.addLive(createLogs(50));
    expect(counts()).toEqual({ rows: 51, total: 51 });
    await vi.advanceTimersByTimeAsync(72_000);
    expect(counts()).toEqual({ rows: 1, total: 1 });
  });

  it("is that of the last exact count and the logs added since", async () => {
    await open();
    feed.addLive(createLogs(50));
    feed.setTotal(1_000_000);
    expect(counts().total).toBe(1_000_000);
    feed.addLive([createLog()]);
    expect(counts().total).toBe(1_000_001);
    // The 51 live logs are never stored. They are not in the exact count.
    await vi.advanceTimersByTimeAsync(72_000);
    expect(counts()).toEqual({ rows: 1, total: 1_000_000 });
    feed.setTotal(7);
    expect(counts().total).toBe(7);
  });

  it("is at least the last exact count after a reload that counts up to 10,000", async () => {
    stored = createLogs(10_001, (index) => NOW - index);
    await open();
    feed.setTotal(10_001);
    feed.reload();
    await vi.advanceTimersByTimeAsync(10);
    expect(counts().total).toBe(10_001);
  });

  it("is marked as a lower bound until it is counted", async () => {
    stored = createLogs(10_001, (index) => NOW - index);
    await open();
    expect(feed.state.value).toMatchObject({ total: 10_000, isTotalLowerBound: true });
    feed.setTotal(10_001);
    expect(feed.state.value).toMatchObject({ total: 10_001, isTotalLowerBound: false });
    feed.reload();
    await vi.advanceTimersByTimeAsync(10);
    expect(feed.state.value).toMatchObject({ total: 10_001, isTotalLowerBound: false });
  });

  it("contains logs that are held back while scrolled down", async () => {
    await open();
    feed.isScrolledDown = true;
    const held = createLogs(20);
    feed.addLive(held);
    stored.push(...held);
    expect(feed.state.value.held).toBe(20);
    expect(counts()).toEqual({ rows: 1, total: 21 });
    feed.isScrolledDown = false;
    expect(counts()).toEqual({ rows: 21, total: 21 });
    await poll();
    expect(counts()).toEqual({ rows: 21, total: 21 });
  });
});

describe("a late log", () => {
  /** 1,000 logs, all loaded, then ten a second for 70 seconds. */
  const runFor70Seconds = async (late: readonly SearchHit[]): Promise<void> => {
    stored.push(...late);
    for (let second = 0; second < 70; second += 1) {
      stored.push(...createLogs(10));
      await poll();
    }
  };
  const openAll = async (): Promise<void> => {
    stored = createLogs(1_000, (index) => NOW - index * 100);
    await open();
    await feed.loadMore();
    await feed.loadMore();
  };
  const isShown = (log: SearchHit): boolean => feed.rows.some(({ id }) => id === log.id);

  it("that was shown live stays once it is stored", async () => {
    await openAll();
    const late = createLog(NOW - 45_000, NOW);
    feed.addLive([late]);
    await runFor70Seconds([late]);
    expect(isShown(late)).toBe(true);
    expect(counts()).toEqual({ rows: 1_701, total: 1_701 });
  });

  it("that arrived over HTTP is added", async () => {
    await openAll();
    const late = createLog(NOW - 45_000, NOW);
    await runFor70Seconds([late]);
    expect(isShown(late)).toBe(true);
  });

  it("that arrived while the page was hidden is added, and a live one from before stays", async () => {
    await openAll();
    const [live, late] = [createLog(NOW - 45_000, NOW), createLog(NOW - 50_000, NOW + 60_000)];
    feed.addLive([live]);
    vi.stubGlobal("document", { hidden: true });
    stored.push(live, late);
    await vi.advanceTimersByTimeAsync(300_000);
    vi.stubGlobal("document", { hidden: false });
    await poll();
    expect(isShown(live)).toBe(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([isShown(live), isShown(late)]).toEqual([true, true]);
  });
});

it("many logs that arrive at once in an empty list are all reachable", async () => {
  stored = [];
  await open();
  stored.push(...createLogs(3_000));
  await poll();
  expect(counts()).toEqual({ rows: 100, total: 3_000 });
  expect(feed.state.value.hasMore).toBe(true);
});

describe("a relative time range", () => {
  it("loses the logs that leave it", async () => {
    stored = createLogs(10, (index) => NOW - index * 1_000);
    await open({ from: "now-15m" });
    expect(counts()).toEqual({ rows: 10, total: 10 });
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(counts()).toEqual({ rows: 0, total: 0 });
    stored.push(createLog());
    await poll();
    expect(counts()).toEqual({ rows: 1, total: 1 });
  });

  it("keeps its logs if the browser's clock is wrong", async () => {
    serverAheadMs = -HOUR_MS;
    stored = createLogs(10, (index) => NOW - HOUR_MS - index * 1_000);
    await open({ from: "now-15m" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(counts()).toEqual({ rows: 10, total: 10 });
  });
});

it("a poll finds no logs before the start of an absolute time range", async () => {
  stored = [createLog(NOW - 5_000), createLog(NOW - 1_000)];
  await open({ from: String(NOW - 2_000) });
  await poll();
  expect(counts()).toEqual({ rows: 1, total: 1 });
});

it("a log that comes twice in a frame is one row, also after it is stored", async () => {
  await open();
  const log = createLog();
  feed.addLive([log, log]);
  expect(counts()).toEqual({ rows: 2, total: 2 });
  stored.push(log);
  await poll();
  expect(counts()).toEqual({ rows: 2, total: 2 });
  expect(feed.rows.some(({ isUnconfirmed }) => isUnconfirmed)).toBe(false);
});

describe("after a final status, such as that of a firewall", () => {
  it("a live list continues when requests succeed again", async () => {
    await open();
    status = 403;
    await poll();
    expect(feed.state.value.failure?.message).toBe("No.");
    status = 200;
    stored.push(createLog());
    await vi.advanceTimersByTimeAsync(16_000);
    expect(feed.state.value.failure).toBeUndefined();
    expect(counts().rows).toBe(2);
  });

  it("a reload shows the logs at once", async () => {
    status = 403;
    await open();
    status = 200;
    feed.reload();
    await vi.advanceTimersByTimeAsync(10);
    expect(feed.state.value.failure).toBeUndefined();
    expect(counts().rows).toBe(1);
  });
});

it("live logs need a bounded amount of memory while scrolled down", async () => {
  await open();
  feed.isScrolledDown = true;
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let frame = 0; frame < 5_000; frame += 1) feed.addLive(createLogs(40));
  collectGarbage();
  // 200,000 keys of logs take more than 30 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  expect(feed.state.value.held).toBe(1_000);
});
