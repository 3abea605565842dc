/** The times of logs have their own date formats, because those parse faster. Searches must not show a difference to the default. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leaseOpenSearch, type OpenSearchLease } from "../../tests/support/opensearch/lease.ts";
import { queryOpenSearch } from "../../tests/support/query-opensearch.ts";
import { setUpOpenSearch } from "../setup.ts";

const LOGS = "logs-times";
const DEFAULT = "default-times";

const TIMES = [
  "2026-11-30T23:30:06.325Z",
  "2026-11-30T23:30:06.325123456Z",
  "2026-11-30T23:30:06Z",
  "2026-11-30T23:30:06.3Z",
  "2026-11-30T23:30:06.325+02:00",
  "2026-11-30T23:30:06.325-0330",
  "2026-11-30",
  "1969-12-31T23:59:59.999Z",
  "0001-01-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "+12026-11-30T23:30:06.325Z",
  "-001000-01-01T00:00:00.000Z",
  1_796_081_406_325,
  "1796081406325",
];

const REFUSED = ["2026-02-30T00:00:00.000Z", "2026-11-30 23:30:06.325Z", "2026-11-30T23:30:06.325X", "yesterday"];

let lease: OpenSearchLease;
const query = <T>(path: string, body?: object | string, method?: string): Promise<T> =>
  queryOpenSearch<T>(lease.url, path, body, method);

beforeAll(async () => {
  lease = await leaseOpenSearch();
  await setUpOpenSearch(lease.url);
  await query(`/${DEFAULT}`, { mappings: { properties: { "@timestamp": { type: "date" } } } }, "PUT");
  await query(`/${LOGS}`, undefined, "PUT");
});
afterAll(() => lease?.[Symbol.asyncDispose]());

/** The error type of each document that was refused. */
const store = async (index: string, times: readonly unknown[]): Promise<readonly (string | undefined)[]> => {
  const lines = times.map(
    (time, i) => `{"create":{"_id":"${i}-${String(time)}"}}\n{"@timestamp":${JSON.stringify(time)}}\n`,
  );
  const { items } = await query<{ items: { create: { error?: { type: string } } }[] }>(
    `/${index}/_bulk?refresh=true`,
    lines.join(""),
  );
  return items.map(({ create }) => create.error?.type);
};

const searchBoth = async (search: object): Promise<readonly object[]> => {
  const results: object[] = [];
  for (const index of [LOGS, DEFAULT]) {
    results.push(
      await query<object>(
        `/${index}/_search?filter_path=hits.total,hits.hits._id,hits.hits.fields,hits.hits.sort,aggregations,error`,
        search,
      ),
    );
  }
  return results;
};

describe("the times of logs", () => {
  it("are stored like those of the default", async () => {
    expect(await store(LOGS, TIMES)).toEqual(TIMES.map(() => undefined));
    expect(await store(DEFAULT, TIMES)).toEqual(TIMES.map(() => undefined));
    const [logs, byDefault] = await searchBoth({
      size: TIMES.length,
      docvalue_fields: ["@timestamp", { field: "@timestamp", format: "epoch_millis" }],
      sort: [{ "@timestamp": "asc" }, { _id: "asc" }],
    });
    expect(logs).toMatchObject({ hits: { total: { value: TIMES.length } } });
    expect(logs).toEqual(byDefault);
  });

  it("are refused like those of the default", async () => {
    const refused = REFUSED.map(() => "mapper_parsing_exception");
    expect(await store(LOGS, REFUSED)).toEqual(refused);
    expect(await store(DEFAULT, REFUSED)).toEqual(refused);
  });

  it.each([
    { gte: "2026-11-30T23:30:06.325Z" },
    { gte: "2026-11-30T23:30:06.325Z", time_zone: "+02:00" },
    { gte: "2026-11-30T23:30:06.325", time_zone: "+02:00" },
    { gte: "2026-11-30", lte: "2026-11-30" },
    { gt: "2026-11-30T23:30:06", lt: "2026-12" },
    { gte: "2026-11-30T23:30:06.325Z||/d", lte: "2026-11-30T23:30:06.325Z||/d", time_zone: "Europe/Berlin" },
    { gte: "2026||/y", lt: "now" },
    { gte: 1_796_081_406_325 },
    { lte: "1796081406325" },
    { gte: "1796081406", format: "epoch_second" },
    { gte: "2026-11-30T23:30:06.325Z", format: "strict_date_optional_time" },
  ])("are found like those of the default: %j", async (range) => {
    const [logs, byDefault] = await searchBoth({ query: { range: { "@timestamp": range } }, sort: ["_id"] });
    expect(logs).not.toEqual({});
    expect(logs).toEqual(byDefault);
  });

  it("are not compared with texts that are no time", async () => {
    const search = { query: { range: { "@timestamp": { gte: "30.11.2026" } } } };
    for (const index of [LOGS, DEFAULT]) {
      const refused = await query(`/${index}/_search`, search);
      expect(refused).toMatchObject({ error: { root_cause: [{ type: "parse_exception" }] } });
    }
  });

  it.each([{}, { time_zone: "+02:00" }, { time_zone: "Europe/Berlin" }, { format: "yyyy-MM" }])(
    "are counted by day like those of the default: %j",
    async (options) => {
      const histogram = { field: "@timestamp", calendar_interval: "day", min_doc_count: 1, ...options };
      const recent = { range: { "@timestamp": { gte: "2026", lt: "2027" } } };
      const [logs, byDefault] = await searchBoth({
        size: 0,
        query: recent,
        aggs: { days: { date_histogram: histogram } },
      });
      expect(logs).toMatchObject({
        aggregations: { days: { buckets: [{ doc_count: expect.any(Number) as number }, {}] } },
      });
      expect(logs).toEqual(byDefault);
    },
  );
});
