import { describe, expect, it } from "vitest";
import { MAX_GROUP_VERSIONS, MAX_GROUPS_PER_APP, type ErrorGroup } from "#contract/store/error-group.ts";
import { isChanged, mergeGroups } from "../src/error-groups/merge-group.ts";
import { updateErrorGroups } from "../src/error-groups/update-groups.ts";
import { ResponseTooLargeError, type StoreClient, type StoreResponse } from "../src/opensearch/client.ts";

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 28, 0, minute)).toISOString();

const groupOf = (first: number, last: number, ...versions: readonly (readonly [string, number])[]): ErrorGroup => ({
  app: "shop",
  key: "k",
  firstSeen: at(first),
  lastSeen: at(last),
  versions: versions.map(([version, minute]) => ({ version, firstSeen: at(minute) })),
});

it("has the earliest first time, the latest last time, and all versions in the order in which they were first seen", () => {
  const [a, b] = [groupOf(5, 9, ["1.4.0", 5], ["1.5.0", 7]), groupOf(2, 6, ["1.5.0", 6], ["1.3.0", 2])];
  const merged = groupOf(2, 9, ["1.3.0", 2], ["1.4.0", 5], ["1.5.0", 6]);
  expect(mergeGroups(a, b)).toEqual(merged);
  expect(mergeGroups(b, a)).toEqual(merged);
  expect(mergeGroups(merged, merged)).toEqual(merged);
});

it("keeps the first and the newest versions when there are too many", () => {
  const versions = Array.from({ length: MAX_GROUP_VERSIONS + 10 }, (_, i) => [`1.${i}`, i] as const);
  const names = mergeGroups(groupOf(0, 1), groupOf(0, 1, ...versions)).versions.map(({ version }) => version);
  expect(names).toHaveLength(MAX_GROUP_VERSIONS);
  expect(names[0]).toBe("1.0");
  expect(names.at(-1)).toBe(`1.${MAX_GROUP_VERSIONS + 9}`);
});

it("is written for a new version, an earlier first time, and once an hour for the last time", () => {
  const stored = groupOf(10, 20, ["1", 10]);
  expect(isChanged(stored, groupOf(10, 79, ["1", 10]))).toBe(false);
  expect(isChanged(stored, groupOf(10, 80, ["1", 10]))).toBe(true);
  expect(isChanged(stored, groupOf(9, 20, ["1", 10]))).toBe(true);
  expect(isChanged(stored, groupOf(10, 20, ["1", 10], ["2", 20]))).toBe(true);
});

it("leaves out versions that are too long, which documents of older versions of edgelog have", () => {
  const merged = mergeGroups(groupOf(0, 1, ["v".repeat(8_192), 0]), groupOf(0, 1, ["1.4.0", 1]));
  expect(merged.versions.map(({ version }) => version)).toEqual(["1.4.0"]);
});

/** The bounds of OpenSearch for the responses and requests of {@link updateErrorGroups}. `groups` are sorted by app and key. */
const createStore = (
  groups: readonly { readonly app: string; readonly key: string }[],
  versions: readonly string[],
  refused = "",
): { readonly client: StoreClient; readonly written: Set<string>; readonly bulkBytes: number[] } => {
  const written = new Set<string>();
  const bulkBytes: number[] = [];
  const time = { value: Date.UTC(2026, 10, 28), value_as_string: at(0) };
  const toBucket = (key: object): object => ({
    key,
    first: time,
    last: time,
    versions: { buckets: versions.map((version) => ({ key: version, doc_count: 1, first: time })) },
  });
  const respond = (path: string, body: object = {}): StoreResponse => {
    if (path.startsWith("/_cat/")) return { status: 200, body: [] };
    if (!("aggs" in body)) return { status: 200, body: { hits: { hits: [] } } };
    const { size, after = { app: "", key: "" } } = (body.aggs as { groups: { composite: Composite } }).groups.composite;
    const buckets = groups
      .filter(({ app, key }) => app > after.app || (app === after.app && key > after.key))
      .slice(0, size)
      .map(toBucket);
    return { status: 200, body: { aggregations: { groups: { buckets } } } };
  };
  const client: StoreClient = {
    request: async (_, path, body) => respond(path, body),
    requestWithin: async (maxBytes, _, path, body) => {
      const response = respond(path, body);
      if (JSON.stringify(response.body).length > maxBytes) throw new ResponseTooLargeError();
      return response;
    },
    postLines: async (_, lines) => {
      bulkBytes.push(lines.byteLength);
      const found = [...lines.toString().matchAll(/"_id":"([^"]+)"/g)].map(([, id = ""]) => id);
      if (found.some((id) => id.startsWith(`${refused}:`))) return { status: 413, body: {} };
      for (const id of found) written.add(id);
      return { status: 200, body: { items: found.map(() => ({ create: { status: 201 } })) } };
    },
  };
  return { client, written, bulkBytes };
};

interface Composite {
  readonly size: number;
  readonly after?: { readonly app: string; readonly key: string };
}

const groupsOf = (app: string, count: number): readonly { readonly app: string; readonly key: string }[] =>
  Array.from({ length: count }, (_, i) => ({ app, key: String(i).padStart(6, "0") }));

describe(updateErrorGroups, () => {
  it("reads and writes less at a time if the groups are large", async () => {
    const longVersions = Array.from({ length: MAX_GROUP_VERSIONS }, (_, i) => `${i}`.padEnd(128, "\u0001"));
    const { client, written, bulkBytes } = createStore(
      [...groupsOf("evil", 510), ...groupsOf("shop", 1)],
      longVersions,
    );
    await updateErrorGroups(client, 0);
    expect(written.size).toBe(511);
    expect(Math.max(...bulkBytes)).toBeLessThan(5_000_000);
  });

  it("stores the groups of the other apps if those of one cannot be stored, and fails", async () => {
    const { client, written } = createStore([...groupsOf("evil", 500), ...groupsOf("shop", 3)], ["1"], "evil");
    await expect(updateErrorGroups(client, 0)).rejects.toThrow("writing error groups failed");
    expect(written.size).toBe(3);
  });

  it("stores the groups of the other apps if one has more than are kept", async () => {
    const { client, written } = createStore([...groupsOf("evil", 20_500), ...groupsOf("shop", 3)], []);
    await updateErrorGroups(client, 0);
    expect(written.size).toBe(MAX_GROUPS_PER_APP + 3);
  });
});
