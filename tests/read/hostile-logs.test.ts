/** Logs that are large, long or spread over several indices: all responses are correct, and within the memory of a Worker. */
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import type { ContextResponse, RejectedResponse, SearchResponse } from "#contract/api/search.ts";
import { joinList } from "#contract/api/list-param.ts";
import type { FacetsResponse, FieldsResponse, GroupsResponse, OverviewResponse } from "#contract/api/statistics.ts";
import type { ErrorGroup } from "#contract/store/error-group.ts";
import { createStoreClient, PatternTooComplexError } from "../../worker/src/opensearch/client.ts";
import { parseResponse, postSearch } from "../../worker/src/opensearch/search.ts";
import { updateErrorGroups } from "../../worker/src/error-groups/update-groups.ts";
import { startReadStack, type ReadStack } from "../support/read-stack.ts";

/** Of 1 MB each. */
const LARGE_LOGS = 9;
const NOW = Date.now() - 60_000;
/** Each log is in a separate group. Numbers would be the same for the grouping key. */
const LETTERS = "abcdefghi";

/** More than the largest of these logs. */
const MAX_RESPONSE_LENGTH = 6_500_000;

let stack: ReadStack;
beforeAll(async () => {
  stack = await startReadStack({
    readers: { reader: { apps: ["shop"] }, large: { apps: ["large"] }, days: { apps: ["days"] } },
  });
  const attributes = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`a${i}`, "x".repeat(8_000)]));
  for (let i = 0; i < LARGE_LOGS; i += 1) {
    const log = {
      severity: "error",
      body: `log ${LETTERS[i]}`,
      time: NOW + i,
      attributes: { "session.id": "s-1", ...attributes },
    };
    await stack.store("large", { v: 1, events: [log] });
  }
  // A record of OTLP is never rejected: the end of its body is stored with six bytes for each of these characters.
  const record = { timeUnixNano: `${NOW + LARGE_LOGS}000000`, body: { stringValue: "\u0001".repeat(1_000_000) } };
  await stack.store("large", { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
  for (let i = 0; i < 3; i += 1) await stack.store("large", { v: 1, events: [{ x: "\u0001".repeat(500_000), i }] });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

it("an error group has the versions of at most 128 characters", async () => {
  for (const version of ["1.4.0", "é".repeat(128), "v".repeat(129), "v".repeat(8_192)]) {
    const resource = { "service.version": version };
    await stack.store("shop", { v: 1, resource, events: [{ severity: "error", body: "payment failed" }] });
  }
  await updateErrorGroups(createStoreClient({ url: stack.opensearch }), Date.now());
  await stack.queryOpenSearch("/edgelog-error-groups/_refresh", undefined, "POST");
  const { hits } = (await stack.queryOpenSearch("/edgelog-error-groups/_search?q=app:shop", {})) as {
    readonly hits: { readonly hits: readonly { readonly _source: ErrorGroup }[] };
  };
  expect(hits.hits.map(({ _source }) => _source.versions.map(({ version }) => version).toSorted())).toEqual([
    ["1.4.0", "é".repeat(128)],
  ]);
});

/** All hits, page by page. */
const readAll = async <T>(path: string): Promise<readonly T[]> => {
  const found: T[] = [];
  for (let cursor = ""; ;) {
    const response = await stack.request(`${path}${cursor}`, "large");
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text.length).toBeLessThan(MAX_RESPONSE_LENGTH);
    const { hits, nextCursor } = JSON.parse(text) as { readonly hits: readonly T[]; readonly nextCursor?: string };
    found.push(...hits);
    if (nextCursor === undefined) return found;
    cursor = `&cursor=${nextCursor}`;
  }
};

it("pages of large logs have fewer of them, and contain each log once", async () => {
  const hits = await readAll<SearchResponse["hits"][number]>("/search?limit=100");
  expect(hits).toHaveLength(LARGE_LOGS + 1);
  expect(new Set(hits.map(({ id }) => id)).size).toBe(LARGE_LOGS + 1);
});

it("pages of large rejected events have fewer of them", async () => {
  expect(await readAll<RejectedResponse["hits"][number]>("/rejected?limit=50")).toHaveLength(3);
});

it("the context has the next logs on each side, and the overview the newest errors, if they are large", async () => {
  const [middle] = (await stack.read<SearchResponse>('/search?q="log e"', "large")).hits;
  const { before, after } = await stack.read<ContextResponse>(`/context?id=${middle?.id}`, "large");
  expect(before.at(-1)?.document.body).toBe("log d");
  expect(after[0]?.document.body).toBe("log f");
  const { errors, newestErrors } = await stack.read<OverviewResponse>("/overview", "large");
  expect(errors).toBe(LARGE_LOGS);
  expect(newestErrors[0]?.document.body).toBe("log i");
  expect(newestErrors.length).toBeLessThan(LARGE_LOGS);
});

it("an export contains a log that is larger than a page may be", async () => {
  const response = await stack.request("/export", "large");
  const lines = (await response.text()).trim().split("\n");
  expect(lines).toHaveLength(LARGE_LOGS + 1);
  expect(lines.at(-1)?.length).toBeGreaterThan(5_000_000);
});

it("error groups of large logs have samples with fewer fields", async () => {
  const { groups } = await stack.read<GroupsResponse>("/groups?limit=50", "large");
  const titles = groups.map(({ title }) => title).toSorted();
  expect(titles).toEqual(LETTERS.split("").map((letter) => `log ${letter}`));
  expect(groups.every(({ sample }) => sample.document.attributes === undefined)).toBe(true);
});

it("attributes with a comma in their names, or the name of a map, are found under the names that the fields have", async () => {
  const attributes = { "cart,total": 7, "attributes.x": "y1", "resource.attributes.z": "z1" };
  await stack.store("shop", { body: "odd names", attributes });
  const { fields } = await stack.read<FieldsResponse>("/fields");
  const names = fields.filter(({ isAttribute }) => isAttribute).map(({ name }) => name);
  expect(names).toEqual(["attributes.attributes.x", "attributes.resource.attributes.z", "cart,total"]);
  const { facets } = await stack.read<FacetsResponse>(`/facets?field=${encodeURIComponent(joinList(names))}`);
  expect(facets.map(({ values }) => values[0]?.value)).toEqual(["y1", "z1", "7"]);
  const csv = await stack.request(`/export?format=csv&q=odd&columns=cart%5C,total&columns=${names[0]}`, "reader");
  expect((await csv.text()).trim()).toMatch(/"cart,total","attributes.attributes.x"\r?\n.*"7","y1"$/);
  expect((await stack.read<SearchResponse>(`/search?q=${names[0]}:y1`)).total).toBe(1);
});

it.each(["", "000", "000000", "000000000"])(
  "from and to in seconds, with %s more digits, are the same times",
  async (zeros) => {
    const seconds = Math.floor(NOW / 1_000);
    await stack.store("shop", { body: `since${zeros}`, time: seconds * 1_000 });
    const range = `from=${seconds}${zeros}&to=${seconds + 1}${zeros}&q=since${zeros}`;
    expect((await stack.read<SearchResponse>(`/search?${range}`)).total).toBe(1);
  },
);

it("groups and facets have exact counts of a group and a value that are rare in one of two indices", async () => {
  const dayMs = 86_400_000;
  const toEvent = (name: string, ms: number): object => ({
    time: ms,
    severity: "error",
    body: `failure of ${name}`,
    attributes: { "url.path": `/${name}`, plan: name },
  });
  // More values than a shard returns. The words have no digits, which the grouping key would ignore.
  const others = Array.from(
    { length: 300 },
    (_, i) => `w${String(i).replaceAll(/\d/g, (d) => "abcdefghij"[Number(d)] ?? "")}q`,
  );
  const yesterday = [...others, ...others].map((name, i) => toEvent(name, NOW - dayMs + i));
  await stack.store("days", { v: 1, events: [toEvent("rare", NOW - dayMs - 1), ...yesterday] });
  await stack.store("days", { v: 1, events: Array.from({ length: 50 }, (_, i) => toEvent("rare", NOW - 1_000 + i)) });
  for (const sort of ["count", "last"]) {
    const { groups } = await stack.read<GroupsResponse>(`/groups?limit=1&sort=${sort}`, "days");
    const firstInRange = new Date(NOW - dayMs - 1).toISOString();
    expect(groups).toMatchObject([{ title: "failure of rare", count: 51, firstInRange }]);
  }
  const { facets } = await stack.read<FacetsResponse>("/facets?field=path,plan&size=1", "days");
  expect(facets).toMatchObject([
    { values: [{ value: "/rare", count: 51, errors: 51 }], other: 600 },
    { values: [{ value: "rare", count: 51, errors: 51 }], other: 600 },
  ]);
});

it.each([true, false])(
  "a pattern that OpenSearch refuses is an error of the query: case-insensitive %s",
  async (isFolded) => {
    const body = { query: { wildcard: { body: { value: `*a${"?".repeat(16)}`, case_insensitive: isFolded } } } };
    const response = await postSearch(createStoreClient({ url: stack.opensearch }), body);
    expect(() => parseResponse(response, z.unknown())).toThrow(PatternTooComplexError);
  },
);
