/**
 * The saved objects for OpenSearch Dashboards, tested without Dashboards: every name in the import file is resolved, and the
 * query of each visualization runs on a real OpenSearch.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "#contract/wire/durations.ts";
import { fillStore } from "../../bench/read-data.ts";
import { leaseOpenSearch, type OpenSearchLease } from "../../tests/support/opensearch/lease.ts";
import { planDelivery } from "../../worker/src/ingest/plan-delivery.ts";
import { importSavedObjects } from "../dashboards/import-saved-objects.ts";
import {
  FORMAT_VERSIONS,
  PANEL_VERSION,
  type Aggregation,
  type PatternField,
  type SavedObject,
} from "../dashboards/saved-object.ts";
import { setUpOpenSearch } from "../setup.ts";

const FILE = new URL("../dashboards/edgelog.ndjson", import.meta.url);
const text = await readFile(FILE, "utf8");
const objects = text
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as SavedObject);

const ofType = (type: SavedObject["type"]): readonly SavedObject[] => objects.filter((object) => object.type === type);
/** Parses an attribute that contains JSON. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows the type of the attribute
const json = <T>(object: SavedObject, attribute: string): T => JSON.parse(String(object.attributes[attribute])) as T;

interface VisState {
  readonly type: string;
  readonly aggs: readonly (Aggregation & { readonly id: string })[];
  readonly params: {
    readonly controls?: readonly { readonly fieldName: string; readonly indexPatternRefName: string }[];
  };
}

interface Source {
  readonly query: { readonly query: string; readonly language: string };
  readonly indexRefName?: string;
}

const sourceOf = ({ attributes }: SavedObject): Source =>
  JSON.parse((attributes["kibanaSavedObjectMeta"] as { searchSourceJSON: string }).searchSourceJSON) as Source;

const patternOf = (object: SavedObject, name = sourceOf(object).indexRefName): SavedObject | undefined => {
  const reference = object.references.find((known) => known.name === name);
  return objects.find(({ id, type }) => type === "index-pattern" && id === reference?.id);
};

const fieldsOf = (object: SavedObject): ReadonlyMap<string, PatternField> => {
  const pattern = patternOf(object);
  const fields = pattern === undefined ? [] : json<readonly PatternField[]>(pattern, "fields");
  return new Map(fields.map((field) => [field.name, field]));
};

/** Matches a DQL query. The import file contains queries of this form only. */
const COMPARISON = /^([\w.]+) >= (\d+)$/;

describe("the import file", () => {
  it("contains the target of every reference", () => {
    const known = new Set(objects.map(({ type, id }) => `${type}/${id}`));
    expect(known.size).toBe(objects.length);
    const wanted = objects.flatMap(({ references }) => references.map(({ type, id }) => `${type}/${id}`));
    expect(wanted.filter((name) => !known.has(name))).toEqual([]);
  });

  it("contains the format version of each object", () => {
    for (const { type, migrationVersion } of objects)
      expect(migrationVersion).toEqual({ [type]: FORMAT_VERSIONS[type] });
  });

  it("has dashboards whose panels do not overlap and match their references", () => {
    for (const board of ofType("dashboard")) {
      const panels = json<
        readonly { panelRefName: string; version: string; gridData: Record<"x" | "y" | "w" | "h", number> }[]
      >(board, "panelsJSON");
      expect(panels.map(({ panelRefName }) => panelRefName)).toEqual(board.references.map(({ name }) => name));
      const cells = panels.flatMap(({ gridData: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
      expect(panels.every(({ version, gridData: { x, w } }) => version === PANEL_VERSION && x + w <= 48)).toBe(true);
    }
  });

  it("uses only fields of its index patterns, and only aggregatable ones in aggregations", () => {
    for (const search of ofType("search")) {
      const fields = fieldsOf(search);
      expect((search.attributes["columns"] as string[]).filter((name) => !fields.has(name))).toEqual([]);
    }
    for (const object of ofType("visualization")) {
      const { aggs, params } = json<VisState>(object, "visState");
      const own = fieldsOf(object);
      const names = aggs.flatMap(({ params: { field } }) => (field === undefined ? [] : [String(field)]));
      expect(names.filter((name) => own.get(name)?.aggregatable !== true)).toEqual([]);
      for (const { fieldName, indexPatternRefName } of params.controls ?? []) {
        const pattern = patternOf(object, indexPatternRefName);
        const fields = pattern === undefined ? [] : json<readonly PatternField[]>(pattern, "fields");
        expect(fields.find(({ name }) => name === fieldName)?.aggregatable).toBe(true);
      }
      const { query, language } = sourceOf(object).query;
      expect(language).toBe("kuery");
      expect(query === "" || own.has(COMPARISON.exec(query)?.[1] ?? "")).toBe(true);
    }
  });
});

/** Builds the aggregations of a visualization as Dashboards does: nested buckets, with the metrics in the innermost. */
const toAggregations = (aggs: VisState["aggs"]): object => {
  const metrics = Object.fromEntries(
    aggs.flatMap(({ id, type, schema, params: { field, percents } }) =>
      schema === "metric" && type !== "count" ? [[id, { [type]: { field, percents } }]] : [],
    ),
  );
  const first = aggs.find(({ schema }) => schema === "metric");
  return aggs
    .filter(({ schema }) => schema !== "metric")
    .reduceRight<object>((inner, { id, type, params: { field, size, order, precision } }) => {
      const body =
        type === "terms"
          ? { field, size, order: { [first?.type === "count" ? "_count" : String(first?.id)]: order } }
          : type === "date_histogram"
            ? { field, fixed_interval: "3h", min_doc_count: 1 }
            : { field, precision };
      return { [id]: { [type]: body, aggs: inner } };
    }, metrics);
};

const toQuery = (dql: string): object => {
  const [, field = "", bound] = COMPARISON.exec(dql) ?? [];
  return field === "" ? { match_all: {} } : { range: { [field]: { gte: Number(bound) } } };
};

describe("against a real OpenSearch", () => {
  let server: OpenSearchLease;
  // oxlint-disable-next-line typescript/no-explicit-any -- responses under test
  const post = async (path: string, body: string): Promise<any> => {
    const headers = { "Content-Type": path.includes("_bulk") ? "application/x-ndjson" : "application/json" };
    return (await fetch(new URL(path, server.url), { method: "POST", headers, body })).json();
  };

  beforeAll(async () => {
    server = await leaseOpenSearch();
    await setUpOpenSearch(server.url);
    const toMs = Date.now();
    await fillStore({ url: server.url, events: 2_000, fromMs: toMs - DAY_MS, toMs });
    const payload = new TextEncoder().encode(
      JSON.stringify({
        v: 1,
        events: [{ body: 7 }, { body: "tagged", attributes: { "log.tag": "t", "log.subtag": "s" } }],
      }),
    );
    const { events } = planDelivery({ stamp: uuidv7(), transport: "mqtt", app: "demo", payload }, 30);
    const lines = events.map(
      ({ newDocument: { index, id, source } }) => `{"create":{"_index":"${index}","_id":"${id}"}}\n${source}\n`,
    );
    await post("/_bulk?refresh=true", lines.join(""));
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const withAggregations = ofType("visualization").filter(
    (object) => json<VisState>(object, "visState").aggs.length > 0,
  );

  it.each(withAggregations.map((object) => [String(object.attributes["title"]), object] as const))(
    "has data for the visualization %s",
    async (_, object) => {
      const { aggs } = json<VisState>(object, "visState");
      const body = {
        size: 0,
        track_total_hits: true,
        query: toQuery(sourceOf(object).query.query),
        aggs: toAggregations(aggs),
      };
      const response = await post(`/${String(patternOf(object)?.attributes["title"])}/_search`, JSON.stringify(body));
      expect(response.error).toBeUndefined();
      expect(response.hits.total.value).toBeGreaterThan(0);
      const outer = aggs.find(({ schema }) => schema !== "metric");
      const shown = outer === undefined ? [response.hits.total] : response.aggregations[outer.id].buckets;
      expect(shown.length).toBeGreaterThan(0);
    },
  );

  it("has all fields of the index patterns in its mapping", async () => {
    for (const pattern of ofType("index-pattern")) {
      const title = String(pattern.attributes["title"]);
      const caps = (await (await fetch(new URL(`/${title}/_field_caps?fields=*`, server.url))).json()) as {
        fields: Record<string, Record<string, { searchable: boolean; aggregatable: boolean }>>;
      };
      for (const { name, esTypes, aggregatable } of json<readonly PatternField[]>(pattern, "fields")) {
        const [type = ""] = esTypes;
        const inMapping = caps.fields[name]?.[type];
        expect([name, inMapping !== undefined]).toEqual([name, true]);
        expect([name, aggregatable && inMapping?.aggregatable !== true]).toEqual([name, false]);
      }
    }
  });
});

describe("the import", () => {
  const startDashboards = async (status: number, answer: object) => {
    const seen: { url?: string | undefined; headers?: IncomingHttpHeaders; body?: string } = {};
    const server = createServer((request, response) => {
      void buffer(request).then((body) => {
        Object.assign(seen, { url: request.url, headers: request.headers, body: body.toString() });
        response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    return { seen, url: `http://ann:p%40ss@127.0.0.1:${port}/base/`, [Symbol.dispose]: () => void server.close() };
  };

  it("uploads the whole file with the header that Dashboards requires", async () => {
    using dashboards = await startDashboards(200, { success: true, successCount: objects.length });
    expect(await importSavedObjects(dashboards.url)).toBe(objects.length);
    const { url, headers, body } = dashboards.seen;
    expect(url).toBe("/base/api/saved_objects/_import?overwrite=true");
    expect(headers?.["osd-xsrf"]).toBe("true");
    expect(headers?.authorization).toBe(`Basic ${Buffer.from("ann:p@ss").toString("base64")}`);
    expect(body).toContain(text);
  });

  it("reports the refused object", async () => {
    using dashboards = await startDashboards(200, {
      success: false,
      errors: [{ id: "edgelog-volume", error: { type: "missing_references" } }],
    });
    await expect(importSavedObjects(dashboards.url)).rejects.toThrow("edgelog-volume (missing_references)");
  });
});
