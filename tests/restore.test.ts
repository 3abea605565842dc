/** `npm run backup` after a loss that the Worker has partly filled again, with damaged snapshots and indices, and after a reindex. */
import { readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { RETENTION_INDEX } from "#contract/store/retention.ts";
import { setUpOpenSearch } from "../opensearch/setup.ts";
import { startCommandHost, type CommandHost, type CommandResult } from "./support/commands/command-host.ts";
import { startOperatorStack, toUserEvent as toEvent, type OperatorStack } from "./support/operator-stack.ts";

const ALL = "logs-*,rejected-*,edgelog-*";
const TODAY = `logs-30d-${new Date().toISOString().slice(0, 10).replaceAll("-", ".")}`;
const OLD = "logs-30d-2026.01.02";
const OTHER = "logs-30d-2026.01.03";

let stack: OperatorStack;
let dir: string;
let host: CommandHost;
beforeAll(async () => {
  // Snapshots are the same for both, and the KV of workerd takes most of the time of a command.
  process.env["EDGELOG_RUNTIME"] = "node";
  host = startCommandHost();
  stack = await startOperatorStack();
  dir = join(stack.home, "backup");
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

const query = <T = unknown>(path: string, body?: object, method?: string): Promise<T> =>
  stack.query<T>(path, body, method);

/** Unlike `stack.run` it does not reject if the command fails. */
const backup = (...args: readonly string[]): Promise<CommandResult> =>
  host.run("backup.ts", [...args, "--dir", dir], stack.toEnv());

const create = async (): Promise<void> => {
  expect(await backup("create", "--location", ".")).toMatchObject({ exitCode: 0 });
};

const put = (index: string, id: string, body = "a log"): Promise<unknown> =>
  query(`/${index}/_doc/${id}`, { "@timestamp": "2026-01-02T00:00:00.000Z", body }, "PUT");

const send = async (user: string, count = 1): Promise<void> => {
  const events = Array.from({ length: count }, () => toEvent(user, Date.now()));
  expect(await stack.post("shop", stack.shop.key, events)).toMatchObject({ stored: count });
};

const count = async (index: string, user?: string): Promise<number> => {
  await query(`/${index}/_refresh`, {});
  const body = user === undefined ? {} : { query: { term: { "user.id": user } } };
  return (await query<{ count: number }>(`/${index}/_count`, body)).count;
};

const listIndices = async (): Promise<readonly string[]> =>
  Object.keys(await query<object>("/_all/_alias?expand_wildcards=all", undefined, "GET")).toSorted();

const remove = async (indices: string): Promise<void> => {
  expect(await query(`/${indices}`, undefined, "DELETE")).toMatchObject({ acknowledged: true });
};

beforeEach(async () => {
  await query(`/${ALL}?expand_wildcards=all`, undefined, "DELETE");
  await query("/_snapshot/edgelog", { type: "fs", settings: { location: "." } }, "PUT");
  await query("/_snapshot/edgelog/*", undefined, "DELETE");
});

it("adds the saved documents to indices that were created again, and changes no document that exists", async () => {
  await send("before", 5);
  await put(OLD, "1");
  expect(await stack.run("retention.ts", "hold", "shop", "--note", "case 12")).toContain("shop is on hold");
  await query(`/${RETENTION_INDEX}/_doc/both`, { from: "snapshot" }, "PUT");
  await create();
  await remove(ALL);
  // A sender and a cron job were faster than the operator.
  await send("after");
  await query(`/${RETENTION_INDEX}/_doc/both`, { from: "Worker" }, "PUT");
  // An earlier run was killed.
  await put(`tmp-edgelog-restore-${TODAY}`, "1");

  const { exitCode, all } = await backup("restore");
  expect(all).toContain(`Restored 1 index: ${OLD}`);
  expect(all).toContain(`Added 5 documents to ${TODAY}, which existed`);
  expect(all).toContain(`Added 1 document to ${RETENTION_INDEX}, which existed`);
  expect(exitCode).toBe(0);
  expect(await count(TODAY, "before")).toBe(5);
  expect(await count(TODAY)).toBe(6);
  expect(await stack.run("retention.ts", "holds")).toContain('"case 12"');
  expect(await query(`/${RETENTION_INDEX}/_doc/both`, undefined, "GET")).toMatchObject({ _source: { from: "Worker" } });
  expect(await listIndices()).not.toContain(`tmp-edgelog-restore-${TODAY}`);

  const again = await backup("restore");
  expect(again).toMatchObject({ exitCode: 0, all: expect.stringContaining("Restored 0 indices") as string });
  expect(again.all).not.toContain("Added");
  expect(await count(TODAY)).toBe(6);
});

it("does not bring back documents that were deleted from an index that was not lost", async () => {
  for (const id of ["1", "2"]) await put(OLD, id);
  await create();
  await query(`/${OLD}/_doc/1`, undefined, "DELETE");
  expect(await backup("restore")).toMatchObject({ exitCode: 0 });
  expect(await count(OLD)).toBe(1);
});

it("adds the documents of a newer snapshot to an index that was restored from an older one", async () => {
  await put(OLD, "1");
  await create();
  const [older = ""] = (await backup("list")).all.split(" ");
  await put(OLD, "2");
  await create();
  await remove(OLD);
  expect(await backup("restore", older)).toMatchObject({ exitCode: 0 });
  expect(await count(OLD)).toBe(1);
  expect((await backup("restore")).all).toContain(`Added 1 document to ${OLD}`);
  expect(await count(OLD)).toBe(2);
});

it("restores indices that only older snapshots have, because newer ones were made after a loss", async () => {
  const save = (name: string): Promise<unknown> =>
    query(`/_snapshot/edgelog/${name}?wait_for_completion=true`, { indices: ALL }, "PUT");
  const [first, second] = ["logs-365d-2026.01.02", "logs-365d-2026.01.03"];
  const [deleted, expired] = ["logs-365d-2026.01.06", "logs-7d-2026.01.06"];
  for (const index of [first, second, deleted, expired]) await put(index, "1");
  await save("edgelog-1");
  await put(first, "2");
  await remove(second);
  await save("edgelog-2");
  const deletions = [{ index: deleted, reason: "disk", documents: 1, bytes: 10 }];
  await query(`/${RETENTION_INDEX}/_doc/run?refresh=true`, { at: "2026-02-01T00:00:00.000Z", deletions }, "PUT");
  await remove("logs-*");
  await create();

  const { exitCode, all } = await backup("restore");
  expect(all).toContain(`Restored 2 indices: ${first} ${second}\n`);
  expect(all).toContain(`From edgelog-2, because newer snapshots were made after a loss: ${first}\n`);
  expect(all).toContain(`From edgelog-1, because newer snapshots were made after a loss: ${second}\n`);
  expect(all).toContain("created again since: npm run backup -- restore edgelog-2\n");
  expect(exitCode).toBe(0);
  expect(await count(first)).toBe(2);
});

/** Path of the file in the repository that lists the files of the only shard of an index. */
const findShardFile = async (index: string): Promise<string> => {
  const { nodes } = await query<{ nodes: Record<string, { settings: { path: { repo: string[] } } }> }>(
    "/_nodes?filter_path=nodes.*.settings.path.repo",
    undefined,
    "GET",
  );
  const repository = Object.values(nodes)[0]?.settings.path.repo[0] ?? "";
  const files = await readdir(repository, { recursive: true });
  const generations = files.filter((name) => /^index-\d+$/.test(name)).map((name) => Number(name.slice(6)));
  const newest = await readFile(join(repository, `index-${Math.max(...generations)}`), "utf8");
  const { indices } = JSON.parse(newest) as { indices: Record<string, { id: string }> };
  const file = files.find((name) => name.includes(`${indices[index]?.id}/0/snap-`));
  return join(repository, file ?? "");
};

it("fails if a file of the snapshot is missing, restores the others, and works again when the file is back", async () => {
  await put(OLD, "1");
  await put(OTHER, "1");
  await create();
  await remove(ALL);
  const file = await findShardFile(OLD);
  await rename(file, `${file}.away`);

  const { exitCode, all } = await backup("restore");
  expect(exitCode).toBe(1);
  expect(all).toContain(`Not restored: ${OLD}: 1 of 1 shards`);
  expect(all).toContain(`Restored 1 index: ${OTHER}`);
  expect(all).toContain("KV: 0 entries added");
  expect(await listIndices()).not.toContain(OLD);

  // The same with an index that was created again.
  await put(OLD, "2");
  expect((await backup("restore")).all).toContain(`Not restored: ${OLD}: 1 of 1 shards`);
  await rename(`${file}.away`, file);
  expect(await backup("restore")).toMatchObject({ exitCode: 0 });
  expect(await count(OLD)).toBe(2);
  expect(await count(OTHER)).toBe(1);
});

it("saves KV while an index is red, and reports both results", async () => {
  const settings = { "index.routing.allocation.require._name": "missing" };
  await query(`/${OLD}?wait_for_active_shards=0`, { settings }, "PUT");
  const { exitCode, all } = await backup("create");
  expect(exitCode).toBe(1);
  expect(all).toContain("don't have primary shards");
  expect(all).toMatch(/\d entries of KV written to/);
  expect(JSON.parse(await readFile(join(dir, "apps.json"), "utf8"))).toMatchObject({ version: 1 });
});

it("restores indices that were reindexed before or after the snapshot, and saves no copy that is left over", async () => {
  const copied = "logs-30d-2026.01.04";
  for (const index of [OLD, OTHER, copied]) await put(index, "1");
  await put("rejected-2026.01.05", "1");
  await stack.run("reindex.ts", OTHER, copied);
  // The copy of a reindex that was killed.
  await query(`/${OLD}-r1`, { settings: { "index.hidden": true } }, "PUT");
  await create();
  const { snapshots } = await query<{ snapshots: { indices: string[] }[] }>(
    "/_snapshot/edgelog/_all",
    undefined,
    "GET",
  );
  expect(snapshots[0]?.indices.filter((index) => index.startsWith("logs-")).toSorted()).toEqual(
    [OLD, `${OTHER}-r1`, `${copied}-r1`].toSorted(),
  );

  await remove(`${OLD}-r1,${OTHER}-r1,${copied}-r1,rejected-2026.01.05`);
  await put(OTHER, "2");
  await stack.run("reindex.ts", OLD);
  await put(OLD, "2");
  const { exitCode, all } = await backup("restore");
  expect(all).toContain(`Added 1 document to ${OTHER}, which existed`);
  expect(all).toContain(`Restored 2 indices: ${copied}-r1 rejected-2026.01.05`);
  expect(all).toContain("KV: 0 entries added");
  expect(exitCode).toBe(0);
  expect([await count(OLD), await count(OTHER), await count(copied)]).toEqual([2, 2, 1]);
  expect(await count("ss4o_logs-edgelog-default")).toBe(5);
});

it("restores snapshots of older versions, which have copies that were left over", async () => {
  await put(OLD, "1");
  await query(`/${OLD}-r1`, { settings: { "index.hidden": true } }, "PUT");
  const body = { indices: ALL, include_global_state: false };
  await query("/_snapshot/edgelog/edgelog-1?wait_for_completion=true", body, "PUT");
  await query(`/${ALL}?expand_wildcards=all`, undefined, "DELETE");
  await setUpOpenSearch(stack.opensearch.url);
  // KV was saved by an earlier test.
  expect((await backup("restore")).all).toContain(`Restored 1 index: ${OLD}`);
  expect(await listIndices()).not.toContain(`${OLD}-r1`);
});
