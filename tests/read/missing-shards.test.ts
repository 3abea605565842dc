/**
 * Reads and health of a cluster with an index that has no shard: every read has the logs of the other indices and names the
 * missing ones.
 */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { healthSchema, type Health } from "#contract/api/health.ts";
import type { AlertsResponse } from "#contract/api/alerts.ts";
import type { SearchResponse } from "#contract/api/search.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

const DAY = 86_400_000;
const NOW = Date.now();
const toIndexDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10).replaceAll("-", ".");
/** An index of another retention class than that of the stored logs. */
const RED_INDEX = `logs-7d-${toIndexDay(NOW)}`;
const RED_REJECTED = `rejected-${toIndexDay(NOW)}`;
const EVENT_ID = uuidv7();

let stack: ReadStack;

/** Creates an index whose shard no node may hold. */
const createRedIndex = async (index: string): Promise<void> => {
  const settings = { "index.routing.allocation.require._name": "no-such-node" };
  await stack.queryOpenSearch(`/${index}?wait_for_active_shards=0`, { settings }, "PUT");
};

beforeAll(async () => {
  stack = await startReadStack({ readers: { reader: { apps: ["shop"], canAlert: true } } });
  await stack.store("shop", {
    id: EVENT_ID,
    time: NOW,
    severity: "error",
    body: "declined",
    attributes: { "session.id": "s" },
  });
  await createRedIndex(RED_INDEX);
  await createRedIndex(RED_REJECTED);
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const getHealth = async (): Promise<Health> =>
  healthSchema.parse(await (await fetch(new URL("/healthz", stack.worker.url))).json());

/** Polls until a result satisfies the condition: the Worker caches each result for 10 seconds. `prepare` runs before each request. */
const waitForHealth = async (
  isDone: (health: Health) => boolean,
  prepare: () => Promise<unknown> = async () => undefined,
): Promise<Health> => {
  for (const deadline = Date.now() + 60_000; ;) {
    await prepare();
    const health = await getHealth();
    if (isDone(health) || Date.now() > deadline) return health;
    await new Promise((done) => setTimeout(done, 500));
  }
};

describe("with an index without shards", () => {
  it.each([
    ["/search", { total: 1 }],
    ["/search?q=declined&highlight=true", { total: 1 }],
    ["/histogram", { total: 1 }],
    ["/facets?field=level", { total: 1 }],
    ["/fields", {}],
    ["/groups", { groups: [{ count: 1 }] }],
    [`/context?id=${EVENT_ID}`, { event: { id: EVENT_ID } }],
  ])("GET %s has the logs of other indices and names the missing one", async (path, expected) => {
    expect(await stack.read(path)).toMatchObject({
      ...expected,
      incomplete: { failedShards: 1, indices: [RED_INDEX] },
    });
  });

  it("GET /overview names the missing indices of logs and of rejected events", async () => {
    expect(await stack.read("/overview")).toMatchObject({
      total: 1,
      rejected: { total: 0 },
      incomplete: { failedShards: 2, indices: [RED_INDEX, RED_REJECTED] },
    });
  });

  it("GET /rejected is empty and names the missing index when no other index exists", async () => {
    expect(await stack.read("/rejected")).toMatchObject({
      total: 0,
      hits: [],
      incomplete: { failedShards: 1, indices: [RED_REJECTED] },
    });
  });

  it("is complete for a time range that the missing index cannot contain", async () => {
    const range = `from=${NOW - 3 * DAY}&to=${NOW - 2 * DAY}`;
    expect(await stack.read(`/search?${range}`)).not.toHaveProperty("incomplete");
    expect(await stack.read(`/histogram?${range}`)).not.toHaveProperty("incomplete");
  });

  it("does not deny an event that may be in the missing index", async () => {
    expect((await stack.request(`/context?id=${uuidv7()}`, "reader")).status).toBe(503);
  });

  it("fails an export, which has no mark for missing logs", async () => {
    expect((await stack.request("/export?format=ndjson", "reader")).status).toBe(503);
  });

  it("does not evaluate an alert with a count that may be too low", async () => {
    const rule = {
      name: "silence",
      apps: ["shop"],
      q: "",
      condition: "less_than",
      threshold: 1_000,
      windowMinutes: 5,
      webhookUrl: "https://hooks.example.com/x",
    };
    const created = await stack.request("/alerts", "reader", { method: "POST", body: JSON.stringify(rule) });
    expect(created.status).toBe(201);
    await stack.request("/cdn-cgi/local/scheduled?cron=*+*+*+*+*");
    const { rules } = await stack.read<AlertsResponse>("/alerts");
    expect(rules[0]?.state).toEqual({
      status: "no_data",
      lastError: `The logs could not be counted: the search of ${RED_INDEX} failed.`,
    });
  });
});

describe("GET /healthz", () => {
  it("is degraded and names red indices", async () => {
    const health = await waitForHealth(({ problems }) => problems.some(({ code }) => code === "index_red"));
    expect(health).toMatchObject({ status: "degraded", opensearch: "up", cluster: "red" });
    expect(health.problems).toEqual([
      { code: "index_red", message: expect.stringContaining(RED_INDEX), indices: [RED_INDEX, RED_REJECTED] },
    ]);
  });

  it("names indices that are closed, read-only or at the flood stage, and stores logs although requests to create an index are refused", async () => {
    await stack.queryOpenSearch(`/${RED_INDEX},${RED_REJECTED}`, undefined, "DELETE");
    await Promise.all([
      stack.store("shop", { body: "old", time: NOW - DAY }),
      stack.store("shop", { body: "older", time: NOW - 2 * DAY }),
    ]);
    const [today, yesterday, before] = [0, 1, 2].map((days) => `logs-30d-${toIndexDay(NOW - days * DAY)}`);
    await stack.queryOpenSearch(`/${yesterday}/_settings`, { "index.blocks.write": true }, "PUT");
    await stack.queryOpenSearch(`/${before}/_close`);
    const setCreateBlock = (isBlocked: true | null): Promise<unknown> =>
      stack.queryOpenSearch("/_cluster/settings", { transient: { "cluster.blocks.create_index": isBlocked } }, "PUT");
    // OpenSearch removes these blocks each time it measures a disk with enough free space.
    const block = async (): Promise<void> => {
      await stack.queryOpenSearch(`/${today}/_settings`, { "index.blocks.read_only_allow_delete": true }, "PUT");
      await setCreateBlock(true);
    };
    const { status, problems } = await waitForHealth((health) => health.problems.length === 4, block);
    await block();
    await stack.store("shop", { body: "oldest", time: NOW - 5 * DAY });
    await setCreateBlock(null);
    expect(await stack.read("/search?q=oldest")).toMatchObject({ total: 1 });
    expect(status).toBe("degraded");
    expect(problems).toMatchObject([
      { code: "index_creation_blocked" },
      { code: "index_closed", indices: [before] },
      { code: "disk_full", indices: [today] },
      { code: "index_blocked", indices: [yesterday] },
    ]);
  });

  it("reads are complete when all open indices are searched", async () => {
    const response = await stack.read<SearchResponse>("/search");
    expect([response.total, response.incomplete]).toEqual([3, undefined]);
  });
});
