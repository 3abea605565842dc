/** Runs the requests of the runbook that remove blocks from the cluster and its indices. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ROOT_DIR } from "../stack/lib/state-dir.ts";
import { leaseOpenSearch, type OpenSearchLease } from "./support/opensearch/lease.ts";
import { queryOpenSearch } from "./support/query-opensearch.ts";

const INDEX = "blocked-index";
const REQUEST = /^PUT (\/\S+) (\{.*\})$/gm;

const runbook = readFileSync(join(ROOT_DIR, "docs", "operate", "runbook.md"), "utf8");
const documented = [...runbook.matchAll(REQUEST)].map(([, path = "", body = ""]) => ({
  path: path.replace("INDEX", INDEX),
  body: JSON.parse(body) as object,
}));

let lease: OpenSearchLease;
beforeAll(async () => {
  lease = await leaseOpenSearch();
}, 120_000);
afterAll(async () => await lease?.[Symbol.asyncDispose]());

const put = async (path: string, body: object): Promise<unknown> => await queryOpenSearch(lease.url, path, body, "PUT");

/** Whether a document can be stored in the index, and whether an index can be created. */
const findPossible = async (): Promise<readonly boolean[]> => {
  const stored = await queryOpenSearch<object>(lease.url, `/${INDEX}/_doc`, { n: 1 });
  const created = (await put(`/${INDEX}-new`, {})) as object;
  return ["result" in stored, "acknowledged" in created];
};

const CLUSTER_BLOCKS = ["read_only", "read_only_allow_delete", "create_index"].map((name) => `cluster.blocks.${name}`);
const INDEX_BLOCKS = ["index.blocks.read_only", "index.blocks.write"];

const setAll = async (names: readonly string[], value: true | null): Promise<void> => {
  const toSettings = (scope: string): object =>
    Object.fromEntries(names.filter((name) => name.startsWith(scope)).map((name) => [name, value]));
  const index = toSettings("index");
  const persistent = toSettings("cluster");
  // A block of the cluster also refuses changes of an index.
  if (Object.keys(index).length > 0) await put(`/${INDEX}/_settings`, index);
  if (Object.keys(persistent).length > 0) await put("/_cluster/settings", { persistent });
};

beforeEach(() => put(`/${INDEX}`, {}));
// Also if a request of the runbook was refused: the next lease deletes the indices.
afterEach(async () => {
  for (const name of [...CLUSTER_BLOCKS, ...INDEX_BLOCKS]) await setAll([name], null);
  await queryOpenSearch(lease.url, `/${INDEX}*`, undefined, "DELETE");
});

describe("the runbook", () => {
  it("has requests for each block", () => {
    const settings = documented.map(({ body }) => /[a-z_]+\.blocks\.[a-z_]+/.exec(JSON.stringify(body))?.[0]);
    expect(settings).toEqual([...CLUSTER_BLOCKS, ...INDEX_BLOCKS]);
  });

  it.each([
    ...[...CLUSTER_BLOCKS, ...INDEX_BLOCKS].map((name) => [name]),
    CLUSTER_BLOCKS,
    INDEX_BLOCKS,
    [...CLUSTER_BLOCKS, ...INDEX_BLOCKS],
  ])("removes %s", async (...blocks) => {
    await setAll(blocks, true);
    expect(await findPossible()).toContain(false);
    const responses: unknown[] = [];
    for (const { path, body } of documented) responses.push(await put(path, body));
    expect(responses).toEqual(documented.map(() => expect.objectContaining({ acknowledged: true })));
    await queryOpenSearch(lease.url, `/${INDEX}-new`, undefined, "DELETE");
    expect(await findPossible()).toEqual([true, true]);
  });
});
