/**
 * Grafana's dashboard of logs, tested without Grafana: the query of each panel and variable, as the OpenSearch data source sends it, runs on
 * a real OpenSearch with documents that the Worker's code has made. The same logs are found under the name that OpenSearch Dashboards'
 * Observability searches.
 */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOUR_MS } from "#contract/wire/durations.ts";
import { OBSERVABILITY_ALIAS } from "#contract/store/log-document.ts";
import { fillStore } from "../../bench/read-data.ts";
import { leaseOpenSearch, type OpenSearchLease } from "../../tests/support/opensearch/lease.ts";
import { setUpOpenSearch } from "../setup.ts";

interface Bucket {
  readonly id: string;
  readonly type: "terms" | "date_histogram";
  readonly field: string;
  readonly settings: { readonly size?: string; readonly order?: string; readonly orderBy?: string };
}

interface Metric {
  readonly id: string;
  readonly type: "count" | "cardinality" | "sum" | "percentiles" | "logs";
  readonly field?: string;
  readonly settings?: { readonly percents?: readonly string[] };
}

interface Target {
  readonly query: string;
  readonly timeField: string;
  readonly bucketAggs: readonly Bucket[];
  readonly metrics: readonly Metric[];
}

interface Panel {
  readonly title: string;
  readonly gridPos: Record<"x" | "y" | "w" | "h", number>;
  readonly targets: readonly Target[];
}

const board = JSON.parse(
  await readFile(new URL("../../deploy/grafana/edgelog-logs.json", import.meta.url), "utf8"),
) as {
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
};

/** Values of the dashboard's variables when it is opened. */
const interpolate = (query: string): string => query.replaceAll("$app", "*").replaceAll("$query", "*");

const toMetrics = (metrics: readonly Metric[]): object =>
  Object.fromEntries(
    metrics.flatMap(({ id, type, field, settings }) =>
      type === "count"
        ? []
        : [[id, { [type]: { field, ...(settings?.percents && { percents: settings.percents.map(Number) }) } }]],
    ),
  );

const toAggregations = ({ bucketAggs, metrics }: Target): object =>
  bucketAggs.reduceRight<object>((aggs, { id, type, field, settings }) => {
    const body =
      type === "terms"
        ? { field, size: Number(settings.size), order: { [settings.orderBy ?? "_count"]: settings.order } }
        : { field, fixed_interval: "10m", min_doc_count: 0, format: "epoch_millis" };
    return { [id]: { [type]: body, ...(Object.keys(aggs).length > 0 && { aggs }) } };
  }, toMetrics(metrics));

const isLogs = ({ metrics }: Target): boolean => metrics.some(({ type }) => type === "logs");

/** The body of the request that the data source sends for a target. */
const toBody = (target: Target, hasDocuments: boolean): object => ({
  size: hasDocuments ? 500 : 0,
  query: {
    bool: {
      filter: [
        { range: { [target.timeField]: { gte: "now-6h", lte: "now" } } },
        { query_string: { analyze_wildcard: true, query: interpolate(target.query) } },
      ],
    },
  },
  ...(hasDocuments ? { sort: [{ [target.timeField]: { order: "desc" } }] } : { aggs: toAggregations(target) }),
});

const hasValue = (metric: Metric, bucket: Record<string, unknown>): boolean => {
  if (metric.type === "count") return Number(bucket["doc_count"]) > 0;
  const result = bucket[metric.id] as
    | { readonly value?: number; readonly values?: Record<string, number | null> }
    | undefined;
  return result?.values ? Object.values(result.values).some((value) => value !== null) : Number(result?.value) > 0;
};

/** The innermost buckets of a response. */
const leavesOf = (
  response: Record<string, unknown>,
  [first, ...rest]: readonly Bucket[],
): Record<string, unknown>[] => {
  if (first === undefined) return [response];
  const { buckets } = response[first.id] as { readonly buckets: readonly Record<string, unknown>[] };
  return buckets.flatMap((bucket) => leavesOf(bucket, rest));
};

/** Whether a panel shows something: a document, or a bucket with a value. */
// oxlint-disable-next-line typescript/no-explicit-any -- responses under test
const hasData = (response: any, target: Target, metric: Metric): boolean =>
  isLogs(target)
    ? typeof response.hits.hits[0]._source.body === "string"
    : leavesOf(response.aggregations, target.bucketAggs).some((leaf) => hasValue(metric, leaf));

let server: OpenSearchLease;
// oxlint-disable-next-line typescript/no-explicit-any -- responses under test
const search = async (indices: string, body: object): Promise<any> => {
  const headers = { "Content-Type": "application/json" };
  return (
    await fetch(new URL(`/${indices}/_search`, server.url), { method: "POST", headers, body: JSON.stringify(body) })
  ).json();
};

beforeAll(async () => {
  server = await leaseOpenSearch();
  await setUpOpenSearch(server.url);
  const toMs = Date.now();
  await fillStore({ url: server.url, events: 2_000, fromMs: toMs - 5 * HOUR_MS, toMs });
});
afterAll(() => server?.[Symbol.asyncDispose]());

describe("the dashboard", () => {
  it.each(board.panels.map((panel) => [panel.title, panel] as const))(
    "has data for the panel %s",
    async (_title, panel) => {
      for (const target of panel.targets) {
        const response = await search("logs-*", toBody(target, isLogs(target)));
        expect(response.error).toBeUndefined();
        expect(response.hits.total.value).toBeGreaterThan(0);
        expect(target.metrics.map((metric) => hasData(response, target, metric))).not.toContain(false);
      }
    },
  );

  it("has values for the variable app", async () => {
    const variable = board.templating.list.find(({ type }) => type === "query");
    const { field, size } = JSON.parse(variable?.query ?? "{}") as { readonly field: string; readonly size: number };
    const response = await search("logs-*", { size: 0, aggs: { values: { terms: { field, size } } } });
    expect(response.aggregations.values.buckets.length).toBeGreaterThan(0);
  });

  it("has panels that do not overlap", () => {
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe("OpenSearch Dashboards' Observability", () => {
  it("finds the same logs under ss4o_logs-*, with the fields of the schema and without a copy", async () => {
    expect(OBSERVABILITY_ALIAS).toMatch(/^ss4o_logs-[a-z\d]+-[a-z\d]+$/);
    const own = await search("logs-*", { size: 0, track_total_hits: true });
    const found = await search("ss4o_logs-*", { size: 1, track_total_hits: true });
    expect(found.hits.total).toEqual(own.hits.total);
    expect(found.hits.hits[0]._index).toMatch(/^logs-/);
    expect(found.hits.hits[0]._source).toMatchObject({
      "@timestamp": expect.any(String),
      body: expect.any(String),
      severity: { text: expect.any(String), number: expect.any(Number) },
      attributes: expect.any(Object),
      resource: expect.any(Object),
    });
  });
});
