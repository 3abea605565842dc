/** The read API over HTTP, against a real OpenSearch: queries, pages, statistics and context. */
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ContextResponse, RejectedResponse, SearchResponse } from "#contract/api/search.ts";
import type {
  FacetsResponse,
  FieldsResponse,
  GroupsResponse,
  HistogramResponse,
  OverviewResponse,
} from "#contract/api/statistics.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

const NOW = Date.now();
const MINUTE = 60_000;

/** Logs by their names in the tests. */
const LOGS = {
  checkout: {
    severity: "info",
    body: "Checkout finished, thank you",
    attributes: { "user.email": "ann@acme.com", "session.id": "s-1", "duration.ms": 320, cart: { items: 9 } },
  },
  declined: {
    severity: "error",
    body: "Checkout failed: payment declined",
    attributes: {
      "user.email": "bob@mail.example",
      "user.id": "u-7",
      "session.id": "s-1",
      "duration.ms": 1_500,
      "cart.items": 10,
      "exception.type": "PaymentError",
      "exception.message": "order 17 was declined",
    },
  },
  declinedAgain: {
    severity: "error",
    body: "Checkout failed: payment declined",
    attributes: { "user.id": "u-8", "exception.type": "PaymentError", "exception.message": "order 4711 was declined" },
  },
  bot: {
    severity: "warn",
    body: "A bot looked at the checkout",
    attributes: { "user agent": "curl:8", ratio: -0.5 },
    // As X-Ray and B3 write them.
    traceId: "1-5759e988-bd862e3fe1be46a994272793",
    spanId: "53995C3F42CD8AD8",
  },
  quiet: {
    severity: "debug",
    body: "nothing to see",
    attributes: { version: "text-42", tags: ["red", "blue"] },
    traceId: "A3CE929D0E0E4736",
  },
} as const;

type Name = keyof typeof LOGS;

const IDS = Object.fromEntries(Object.keys(LOGS).map((name, i) => [name, uuidv7({ msecs: NOW + i })])) as Record<
  Name,
  string
>;
const NAMES = new Map(Object.entries(IDS).map(([name, id]) => [id, name]));

let stack: ReadStack;
/** Responses while the cluster has no index. */
let emptyResponses: readonly unknown[];
beforeAll(async () => {
  stack = await startReadStack({
    readers: { reader: { apps: ["shop"] }, statistics: { apps: ["news"] } },
  });
  emptyResponses = [await stack.read("/search"), await stack.read("/overview"), await stack.read("/groups")];
  const events = Object.entries(LOGS).map(([name, log], i) => ({
    ...log,
    id: IDS[name as Name],
    time: NOW - (10 - i) * MINUTE,
  }));
  const resource = { "service.name": "web", "service.version": "1.2.0", "service.instance": "i-1" };
  // Received when the test began, so that the lag does not depend on how long OpenSearch took to start.
  await stack.store("shop", { v: 1, resource, events: [...events, { body: 7 }] }, NOW);
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const find = async (q: string, more = ""): Promise<readonly string[]> => {
  const { hits } = await stack.read<SearchResponse>(`/search?q=${encodeURIComponent(q)}${more}`);
  return hits.map(({ id }) => NAMES.get(id) ?? id).toSorted();
};

describe("a query returns", () => {
  it.each<[string, readonly Name[]]>([
    ["", ["bot", "checkout", "declined", "declinedAgain", "quiet"]],
    ["level:error", ["declined", "declinedAgain"]],
    ["level:>=warn -level:error", ["bot"]],
    ["level:warning", ["bot"]],
    ["checkout -bot", ["checkout", "declined", "declinedAgain"]],
    ["CHECK*", ["bot", "checkout", "declined", "declinedAgain"]],
    ['"payment declined"', ["declined", "declinedAgain"]],
    ['"declined payment"', []],
    ["finished OR bot", ["bot", "checkout"]],
    ["(finished OR bot) level:info", ["checkout"]],
    ["user.email:*@acme.com", ["checkout"]],
    ["user:u-7", ["declined"]],
    ["user.id:*", ["declined", "declinedAgain"]],
    ["duration:>500", ["declined"]],
    ["duration:300..400", ["checkout"]],
    ["cart.items:>9", ["declined"]],
    ["cart.items:>=9", ["checkout", "declined"]],
    ["cart.items:9", ["checkout"]],
    ["cart.items:9.0", ["checkout"]],
    ["cart.items:..9", ["checkout"]],
    ["ratio:<0", ["bot"]],
    ['"user agent":curl\\:8', ["bot"]],
    ["tags:blue", ["quiet"]],
    ["tags:*", ["quiet"]],
    ["service.instance:i-1 level:debug", ["quiet"]],
    ["attributes.service.instance:i-1", []],
    ["version:text-42", ["quiet"]],
    ["version:1.2.0 level:warn", ["bot"]],
    ["curl:8", []],
    [`id:${IDS.bot}`, ["bot"]],
    [`id:${IDS.bot.toUpperCase()} ${IDS.bot.toUpperCase()}`, ["bot"]],
    ["trace:1-5759e988-bd862e3fe1be46a994272793", ["bot"]],
    ["trace:(5759E988-BD86-2E3F-E1BE-46A994272793 OR A3CE929D0E0E4736)", ["bot", "quiet"]],
    ["1-5759e988-bd862e3fe1be46a994272793 OR a3ce929d0e0e4736", ["bot", "quiet"]],
    ["trace:5759E988BD86*", ["bot"]],
    ["span:53995C3F42CD8AD8 53995c3f42cd8ad8", ["bot"]],
    ["u-7", ["declined"]],
    ["type:(PaymentError OR TypeError) -u-7", ["declinedAgain"]],
    [`time:<${new Date(NOW - 8.5 * MINUTE).toISOString()}`, ["checkout", "declined"]],
    ["time:<now-9m time:>now-5d checkout -bot -declined", ["checkout"]],
    ["exception:4711", ["declinedAgain"]],
    ["transport:http level:debug", ["quiet"]],
    ["transport:ht* -transport:mqtt level:debug", ["quiet"]],
    ["transport:mqtt", []],
    ["dialect:(text OR batch) level:debug", ["quiet"]],
    ["dialect:* level:debug", ["quiet"]],
    ["lag:>510000", ["checkout", "declined"]],
    ["lag:<0", []],
  ])("the expected logs for %j", async (q, expected) => {
    expect(await find(q)).toEqual(expected);
  });

  it("logs by the filter parameters severity, session, app, from and to", async () => {
    expect(await find("checkout", "&severity=warn&limit=10")).toEqual(["bot", "declined", "declinedAgain"]);
    expect(await find("", "&session=s-1&app=shop")).toEqual(["checkout", "declined"]);
    expect(await find("", `&from=${NOW - 9 * MINUTE}&to=${NOW - 8 * MINUTE}`)).toEqual(["declined"]);
  });

  it.each([
    ["level:>loud", "invalid_query", 6, 5],
    ["a duration:fast", "invalid_query", 11, 4],
    ["user.email:>5", "invalid_query", 11, 2],
    ['a "b', "invalid_query", 2, 2],
    ["a *b????????????????", "invalid_query", 2, 18],
  ])("an error and its position in %s", async (q, reason, offset, length) => {
    const response = await stack.request(`/search?q=${encodeURIComponent(q)}`, "reader");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ reason, offset, length });
  });
});

describe("pages", () => {
  it("contain each log once while new logs are stored", async () => {
    const ids: string[] = [];
    let cursor = "";
    for (let page = 0; page < 10; page += 1) {
      const answer = await stack.read<SearchResponse>(`/search?limit=2&q=-late&cursor=${cursor}`);
      ids.push(...answer.hits.map(({ id }) => id));
      if (page === 1) await stack.store("shop", { body: "late", time: NOW - 20 * MINUTE });
      if (answer.nextCursor === undefined) break;
      cursor = answer.nextCursor;
    }
    expect(ids).toEqual(Object.values(IDS).toReversed());
  });

  it("reject the cursor of another query", async () => {
    const { nextCursor = "" } = await stack.read<SearchResponse>("/search?limit=1");
    const response = await stack.request(`/search?limit=1&q=x&cursor=${nextCursor}`, "reader");
    expect([response.status, await response.json()]).toMatchObject([400, { reason: "invalid_cursor" }]);
    expect((await stack.request("/search?cursor=bm9uZQ", "reader")).status).toBe(400);
  });
});

describe("a response", () => {
  it("is valid while the cluster has no index", () => {
    expect(emptyResponses).toMatchObject([{ total: 0, hits: [] }, { total: 0 }, { groups: [] }]);
  });

  it("has highlight ranges, and no fields that exist only for the search", async () => {
    const answer = await stack.read<SearchResponse>("/search?q=declined%20level:error%20u-7&highlight=true");
    const [hit] = answer.hits;
    expect(hit?.highlights).toContainEqual({ field: "body", ranges: [[25, 33]] });
    expect(hit?.document.body.slice(25, 33)).toBe("declined");
    expect(hit?.document.edgelog).not.toHaveProperty("values");
  });

  it("has a histogram without gaps", async () => {
    const { times, counts, intervalMs, total } = await stack.read<HistogramResponse>(
      `/histogram?from=${NOW - 15 * MINUTE}&to=${NOW}&q=-late`,
    );
    expect(total).toBe(5);
    expect(counts.error.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(times.every((time, i) => i === 0 || time - (times[i - 1] ?? 0) === intervalMs)).toBe(true);
    expect(times[0]).toBeLessThanOrEqual(NOW - 15 * MINUTE);
    expect((times.at(-1) ?? 0) + intervalMs).toBeGreaterThanOrEqual(NOW);
  });

  it.each([
    ["weeks", "from=2026-09-03T00:00:00Z&to=2026-11-15T00:00:00Z&buckets=12", /^Mon, /],
    ["months", "from=2025-01-15T00:00:00Z&to=2026-11-15T00:00:00Z&buckets=24", / 01 /],
    ["years", "from=2020-06-01T00:00:00Z&to=2026-11-15T00:00:00Z&buckets=8", / 01 Jan /],
  ])("has a histogram with %s of the calendar in UTC", async (_, params, start) => {
    const { times } = await stack.read<HistogramResponse>(`/histogram?${params}`);
    expect(times.length).toBeGreaterThan(5);
    for (const ms of times) expect(new Date(ms).toUTCString()).toMatch(start);
  });

  it("has value counts and number statistics of fields and attributes", async () => {
    const { facets } = await stack.read<FacetsResponse>("/facets?field=level,cart.items,tags&field=duration&q=-late");
    const [level, items, tags, duration] = facets;
    expect(level?.values[0]).toEqual({ value: "error", count: 2, errors: 2 });
    expect(items?.values.map(({ value }) => value).toSorted()).toEqual(["10", "9"]);
    expect(items?.numbers).toMatchObject({ count: 2, min: 9, max: 10, avg: 9.5, isSampled: false });
    expect(items?.missing).toBe(3);
    expect(tags?.values.map(({ value }) => value).toSorted()).toEqual(["blue", "red"]);
    expect(duration?.numbers).toMatchObject({ count: 2, min: 320, max: 1_500 });
    const completed = await stack.read<FacetsResponse>("/facets?field=user.email&prefix=an");
    expect(completed.facets[0]?.values.map(({ value }) => value)).toEqual(["ann@acme.com"]);
  });

  it("has one row for a number and the text with the same digits", async () => {
    const events = ["1", 1, 1, 2, 2].map((mixed) => ({ body: "-", attributes: { mixed } }));
    await stack.store("news", { v: 1, events });
    const { facets } = await stack.read<FacetsResponse>("/facets?field=mixed", "statistics");
    expect(facets[0]?.values).toMatchObject([{ value: "1", count: 3 }, { value: "2" }]);
    expect((await stack.read<SearchResponse>("/search?q=mixed:1", "statistics")).total).toBe(3);
  });

  it("has number statistics from a random sample of the logs with the attribute", async () => {
    for (let batch = 0; batch < 12; batch += 1) {
      const time = NOW - 12 * MINUTE + batch * MINUTE;
      const events = Array.from({ length: 1_000 }, (_, i) => {
        const spread = batch < 4 ? (i % 10) + 1 : 1_000 + (batch - 4) * 125 + i / 8;
        return { body: "-", time, attributes: { spread, ...(batch < 2 ? { latency: batch * 1_000 + i } : {}) } };
      });
      await stack.store("news", { v: 1, events });
    }
    await stack.queryOpenSearch("/logs-*/_forcemerge?max_num_segments=1");
    const { facets } = await stack.read<FacetsResponse>("/facets?field=spread,latency", "statistics");
    const [spread, latency] = facets.map(({ numbers }) => numbers);
    expect(spread).toMatchObject({ count: 12_000, min: 1, max: 1_999.875, isSampled: true });
    const truth = { avg: 1_002, p50: 1_250, p95: 1_925 } as const;
    const errors = (["avg", "p50", "p95"] as const).map((name) => Math.abs((spread?.[name] ?? 0) / truth[name] - 1));
    expect(Math.max(...errors)).toBeLessThan(0.1);
    const exact = { count: 2_000, min: 0, max: 1_999, avg: 999.5, p50: 999, p95: 1_899, p99: 1_979, isSampled: true };
    expect(latency).toEqual(exact);
  });

  it("lists fields and attributes with their kinds", async () => {
    const { fields } = await stack.read<FieldsResponse>("/fields");
    const kinds = Object.fromEntries(fields.map(({ name, kind, isAttribute }) => [name, `${kind} ${isAttribute}`]));
    expect(kinds).toMatchObject({
      level: "level false",
      "cart.items": "number true",
      tags: "keyword true",
      "service.instance": "keyword true",
    });
  });

  it("groups equal errors", async () => {
    const { groups } = await stack.read<GroupsResponse>("/groups?q=level:error");
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({
      title: "PaymentError: order 4711 was declined",
      count: 2,
      users: 2,
      versions: [{ value: "1.2.0", count: 2 }],
      sample: { id: IDS.declinedAgain },
    });
    expect(groups[0]?.trend.reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(await find(`group:${groups[0]?.key}`)).toEqual(["declined", "declinedAgain"]);
  });

  it("has the logs of the same session around an event", async () => {
    const answer = await stack.read<ContextResponse>(`/context?id=${IDS.declined}`);
    expect(answer).toMatchObject({ by: "session", value: "s-1", event: { id: IDS.declined }, after: [] });
    expect(answer.before.map(({ id }) => id)).toEqual([IDS.checkout]);
  });

  it("counts rejected events, of which a document may have several", async () => {
    const overQuota = {
      reason: "over_quota",
      event: { count: 40 },
      edgelog: { app: "news" },
      payload: { bytes: 1_000 },
    };
    const document = { "@timestamp": new Date(NOW).toISOString(), uid: uuidv7(), ...overQuota };
    const index = `rejected-${document["@timestamp"].slice(0, 10).replaceAll("-", ".")}`;
    await stack.queryOpenSearch(`/${index}/_doc?refresh=true`, document, "POST");
    await stack.store("news", { v: 1, events: [{ body: 7 }, {}] });
    const { total, byReason, hits } = await stack.read<RejectedResponse>("/rejected", "statistics");
    expect(hits).toHaveLength(3);
    expect({ total, byReason }).toEqual({
      total: 42,
      byReason: [
        { reason: "over_quota", count: 40 },
        { reason: "invalid_field", count: 1 },
        { reason: "missing_field", count: 1 },
      ],
    });
    const overview = await stack.read<OverviewResponse>("/overview", "statistics");
    expect(overview.rejected).toEqual({ total, byReason });
  });

  it("lists rejected events", async () => {
    const answer = await stack.read<RejectedResponse>("/rejected?reason=invalid_field");
    expect(answer).toMatchObject({ total: 1, byReason: [{ reason: "invalid_field", count: 1 }] });
    expect(answer.hits[0]?.document.payload.text).toContain('"body":7');
  });

  it("has the counts of the overview", async () => {
    const overview = await stack.read<OverviewResponse>("/overview?q=-late");
    expect(overview).toMatchObject({ total: 5, errors: 2, users: 2, rejected: { total: 1 } });
    expect(overview.newestErrors.map(({ id }) => id)).toEqual([IDS.declinedAgain, IDS.declined]);
    expect(overview.lagMs?.p50).toBeGreaterThan(6 * MINUTE);
  });
});
