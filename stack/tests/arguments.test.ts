/** Arguments that a command would ignore, and apps that do not exist: an operator must not believe that something was done. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { appEntry, readerEntry, READER_ENTRY_PREFIX } from "#contract/store/app-record.ts";
import { openFileKv } from "../apps/kv.ts";
import { createRecord, sha256 } from "../apps/records.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

let dir: string;
let kvPath: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgelog-arguments-"));
  kvPath = join(dir, "kv.sqlite");
  await using kv = openFileKv(kvPath);
  await kv.put({
    [appEntry("shop")]: createRecord({ origins: [], rate: "standard", retentionDays: 30 }).record,
    [readerEntry(sha256("a"))]: { apps: ["shop"] },
    [readerEntry(sha256("b"))]: { apps: ["shop"] },
  });
  return () => rm(dir, { recursive: true });
});

const run = async (program: string, ...args: readonly string[]): Promise<string> => {
  const { exitCode, all } = await execa(process.execPath, [`stack/commands/${program}.ts`, ...args], {
    cwd: ROOT_DIR,
    // Nothing listens there.
    env: { EDGELOG_HOME: dir, EDGELOG_KV: kvPath, OPENSEARCH_URL: "http://127.0.0.1:1" },
    all: true,
    reject: false,
  });
  return `${exitCode} ${all}`;
};

describe("a surplus argument", { timeout: 60_000 }, () => {
  it.each([
    ["app", "list", "shop"],
    ["app", "sync", "shop"],
    ["reader", "list", "shop"],
    ["backup", "create", "/backup"],
    ["backup", "restore", "edgelog-1", "edgelog-2"],
    ["retention", "plan", "shop"],
    ["rejected", "list", "shop"],
    ["doctor", "https://a.example", "https://b.example"],
    ["release", "9.9.9", "9.9.10"],
  ])("of %s %s is refused", async (program, ...args) => {
    expect(await run(program, ...args)).toBe(`1 Unexpected argument: ${args.at(-1)}`);
  });
});

it("several reader tokens are revoked, also if one of the ids is mistyped", { timeout: 60_000 }, async () => {
  const [first, second] = [sha256("a").slice(0, 12), sha256("b").slice(0, 12)];
  const output = await run("reader", "revoke", first, "0123456789ab", second);
  expect(output).toBe(`1 Revoked ${first}.\nRevoked ${second}.\n0 tokens match the id 0123456789ab.`);
  await using kv = openFileKv(kvPath);
  expect((await kv.list(READER_ENTRY_PREFIX)).size).toBe(0);
});

it("erase refuses an app that KV does not have, except with --force", { timeout: 60_000 }, async () => {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.writeHead(500).end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ["--user", "u-1", "--app", "shop", "--app", "shp", "--dry-run", "--url", url];
  expect(await run("erase", ...args)).toMatch(/^1 KV has no app shp, so nothing was erased\./);
  expect(requests).toBe(0);
  expect(await run("erase", ...args, "--force")).toContain("The Worker responded with 500");
  expect(requests).toBe(1);
  server.close();
});
