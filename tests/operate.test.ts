/** Commands of an operator against one OpenSearch and one Worker: erasing a user, then a backup, its loss and its restoration. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APP_ENTRY_PREFIX, appEntry, READER_ENTRY_PREFIX, readerEntry } from "#contract/store/app-record.ts";
import { ERASURES_INDEX } from "#contract/store/erasure.ts";
import type { Receipt } from "#contract/wire/receipt.ts";
import { setUpOpenSearch } from "../opensearch/setup.ts";
import { openLocalKv } from "../stack/apps/kv.ts";
import { createRecord, sha256, type AppSettings } from "../stack/apps/records.ts";
import { checkOrigins } from "../stack/deploy/check-origins.ts";
import { pathsOf, prepareHome, ROOT_DIR } from "../stack/lib/state-dir.ts";
import { readWranglerConfig } from "../stack/lib/wrangler-config.ts";
import { startOpenSearch, type OpenSearch } from "../stack/services/opensearch.ts";
import { startWorker, type Worker } from "../stack/services/worker.ts";
import { queryOpenSearch } from "./support/query-opensearch.ts";
import { createReader } from "./support/readers.ts";

const SETTINGS: AppSettings = { retentionDays: 30, origins: [], rate: "unlimited" };
const shop = createRecord(SETTINGS);
const blog = createRecord(SETTINGS);
const USER = "u-1042";
const HOUR = 3_600_000;
const TIMEOUT_MS = 300_000;

let home: string;
let opensearch: OpenSearch;
let worker: Worker;
/** May read `shop`, but not erase. */
let token: string;

const query = <T = unknown>(path: string, body?: object, method?: string): Promise<T> =>
  queryOpenSearch<T>(opensearch.url, path, body, method);

beforeAll(async () => {
  home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "edgelog-operate-"));
  await prepareHome(home);
  {
    await using kv = await openLocalKv(home);
    await kv.put({ [appEntry("shop")]: shop.record, [appEntry("blog")]: blog.record });
    token = await createReader(kv, { apps: ["shop"] });
  }
  opensearch = await startOpenSearch({ home });
  await setUpOpenSearch(opensearch.url);
  worker = await startWorker({ home, opensearchUrl: opensearch.url });
});
afterAll(async () => {
  await worker?.stop();
  await opensearch?.stop();
  await rm(home, { recursive: true, force: true });
});

const post = async (app: string, key: string, events: readonly object[]): Promise<Receipt> => {
  const response = await fetch(new URL("/logs", worker.url), {
    method: "POST",
    headers: { Authorization: `Bearer ${app}:${key}` },
    body: JSON.stringify({ v: 1, id: uuidv7(), events }),
  });
  return (await response.json()) as Receipt;
};

const toEvent = (user: string, time: number, more: object = {}): object => ({
  id: uuidv7(),
  time: new Date(time).toISOString(),
  severity: "info",
  body: `opened by ${user}`,
  attributes: { "user.id": user },
  ...more,
});

const toEnv = (): Record<string, string> => ({
  EDGELOG_HOME: home,
  OPENSEARCH_URL: opensearch.url,
  EDGELOG_WORKER_URL: worker.url,
});

const runWithInput = async (input: string, command: string, ...args: readonly string[]): Promise<string> => {
  const path = join(ROOT_DIR, "stack/commands", command);
  return (await execa(process.execPath, [path, ...args], { env: toEnv(), input })).stdout;
};

const run = (command: string, ...args: readonly string[]): Promise<string> => runWithInput("", command, ...args);

/** Every document that mentions the text, found without the mapping. */
const findText = async (text: string): Promise<number> => {
  await query("/logs-*,rejected-*/_refresh", {});
  const { hits } = await query<{ hits: { hits: readonly object[] } }>("/logs-*,rejected-*,edgelog-*/_search", {
    size: 10_000,
  });
  return hits.hits.filter((hit) => JSON.stringify(hit).includes(text)).length;
};

const countAll = async (): Promise<Readonly<Record<string, string>>> => {
  await query("/_refresh", {});
  const rows = await query<readonly { index: string; "docs.count": string }[]>(
    "/_cat/indices/logs-*,rejected-*,edgelog-*?format=json&h=index,docs.count",
    undefined,
    "GET",
  );
  return Object.fromEntries(rows.map((row) => [row.index, row["docs.count"]]));
};

const readAll = async (): Promise<unknown> => {
  const { hits } = await query<{ hits: { hits: readonly object[] } }>("/logs-*,rejected-*,edgelog-*/_search", {
    size: 10_000,
    sort: ["_index", "_id"],
    query: { match_all: {} },
  });
  return hits.hits;
};

describe("npm run erase", { timeout: TIMEOUT_MS }, () => {
  const old = Date.now() - 5 * HOUR;

  it("counts with --dry-run, deletes in logs and rejected events, and proves it with a search", async () => {
    const mine = Array.from({ length: 20 }, (_, i) => toEvent(USER, old + i));
    const others = Array.from({ length: 10 }, (_, i) => toEvent("u-10422", old + i));
    expect(await post("shop", shop.key, [...mine, ...others])).toMatchObject({ stored: 30 });
    expect(await post("blog", blog.key, [toEvent(USER, old), toEvent("u-1", old)])).toMatchObject({ stored: 2 });
    const invalid = [toEvent(USER, old, { severity: "loud" }), toEvent("u-1", old, { severity: "loud" })];
    expect((await post("shop", shop.key, invalid)).rejected).toHaveLength(2);
    expect(await findText(`"${USER}"`)).toBe(22);

    await query("/logs-*,rejected-*/_refresh", {});
    expect(await runWithInput(`${USER}\n`, "erase.ts", "--dry-run")).toContain("Found 21 logs and 1 rejected events");
    expect(await findText(`"${USER}"`)).toBe(22);

    const output = await run("erase.ts", "--user", USER);
    expect(output).toContain("Deleted 21 logs and 1 rejected events; 0 left.");
    expect(output).toContain("A search finds no log and no rejected event of the user.");
    expect(await findText(`"${USER}"`)).toBe(0);
    expect(await findText("u-10422")).toBe(10);
    expect(await findText('"u-1"')).toBe(2);
  });

  it("leaves an audit record without the user's id", async () => {
    const { hits } = await query<{ hits: { hits: { _source: Record<string, unknown> }[] } }>(
      `/${ERASURES_INDEX}/_search`,
      {},
    );
    expect(hits.hits.map(({ _source }) => _source)).toMatchObject([{ by: "npm run erase", logs: 21, rejected: 1 }]);
    expect(JSON.stringify(hits)).not.toContain(USER);
  });

  it("lets a device that comes back get `erased` for old logs, and store new ones", async () => {
    const events = [toEvent(USER, old + HOUR), toEvent(USER, Date.now() + 1), toEvent("u-1", old)];
    const receipt = await post("shop", shop.key, events);
    expect(receipt).toMatchObject({ stored: 2, rejected: [{ index: 0, reason: "erased" }] });
    expect(await findText(`"${USER}"`)).toBe(1);
  });

  it("refuses invalid events of the user, too, and does not keep them", async () => {
    const late = toEvent(USER, old + HOUR, { severity: "loud", body: "kept by mistake" });
    expect(await post("shop", shop.key, [late])).toMatchObject({ rejected: [{ index: 0, reason: "erased" }] });
    expect(await findText("kept by mistake")).toBe(0);
  });

  it("leaves no token with the right to erase after Ctrl-C", async () => {
    // A Worker that accepts the request and does not respond.
    const requested = Promise.withResolvers<string>();
    const server = createServer((request) => requested.resolve(request.headers.authorization ?? ""));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const path = join(ROOT_DIR, "stack/commands/erase.ts");
    // Its own process group, which gets the signal as a whole, like that of a terminal.
    const child = execa(process.execPath, [path, "--url", url], {
      env: toEnv(),
      input: `${USER}\n`,
      detached: true,
      reject: false,
    });
    const { pid = 0 } = child;
    const bearer = await requested.promise;
    const name = readerEntry(sha256(bearer.slice("Bearer ".length)));
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(USER);
    {
      await using kv = await openLocalKv(home);
      expect(await kv.get(name)).toMatchObject({ canErase: true });
    }
    process.kill(-pid, "SIGINT");
    process.kill(pid, "SIGINT");
    expect((await child).exitCode).toBe(130);
    server.closeAllConnections();
    server.close();
    await using kv = await openLocalKv(home);
    expect(await kv.get(name)).toBeUndefined();
  });

  it("needs a token with its own right, which sees only its apps", async () => {
    const erase = (bearer: string, apps?: readonly string[]): Promise<Response> =>
      fetch(new URL("/erasures", worker.url), {
        method: "POST",
        headers: { Authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ user: USER, dryRun: true, ...(apps === undefined ? {} : { apps }) }),
      });
    expect((await erase(token)).status).toBe(403);
    expect((await erase("elr_unknown")).status).toBe(401);
    await using kv = await openLocalKv(home);
    const allowed = await createReader(kv, { apps: ["shop"], canErase: true });
    expect((await erase(allowed, ["blog"])).status).toBe(403);
    expect(await (await erase(allowed)).json()).toMatchObject({ dryRun: true, logs: 1, remaining: 1 });
  });
});

it("npm run deploy accepts the index templates that the setup installed", { timeout: TIMEOUT_MS }, async () => {
  const config = readWranglerConfig(join(ROOT_DIR, "wrangler.toml"));
  const findings = await checkOrigins(config, { OPENSEARCH_URL: opensearch.url, BROKER_URL: "http://127.0.0.1:9" });
  expect(findings.filter(({ result }) => result === "failed").map(({ name }) => name)).toEqual(["broker"]);
});

describe("npm run backup", { timeout: TIMEOUT_MS }, () => {
  it("restores every document, app and token after all data is lost", async () => {
    const dir = join(home, "backup");
    const { port } = new URL(opensearch.url);
    const [counts, documents] = [await countAll(), await readAll()];
    expect(Object.keys(counts).length).toBeGreaterThan(2);
    expect(await run("backup.ts", "create", "--location", ".", "--dir", dir)).toContain("Snapshot edgelog-");
    // Logs after the backup are lost.
    await post("shop", shop.key, [toEvent("later", Date.now())]);

    await opensearch.stop();
    await rm(pathsOf(home).opensearch, { recursive: true, force: true });
    {
      await using kv = await openLocalKv(home);
      for (const prefix of [APP_ENTRY_PREFIX, READER_ENTRY_PREFIX]) {
        for (const name of (await kv.list(prefix)).keys()) await kv.remove(name);
      }
    }
    opensearch = await startOpenSearch({ home, port: Number(port) });
    expect(await countAll()).toEqual({});
    expect((await post("shop", shop.key, [toEvent("lost", Date.now())])).stored).toBeUndefined();

    const output = await run("backup.ts", "restore", "--location", ".", "--dir", dir);
    expect(output).toContain(`Restored ${Object.keys(counts).length} indices`);
    expect(await countAll()).toEqual(counts);
    expect(await readAll()).toEqual(documents);
    expect((await post("shop", shop.key, [toEvent("after", Date.now())])).stored).toBe(1);
    const search = await fetch(new URL("/search?q=after", worker.url), {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(search.status).toBe(200);
  });

  it("changes nothing that exists", async () => {
    const before = await countAll();
    const output = await run("backup.ts", "restore", "--dir", join(home, "backup"));
    expect(output).toContain("Restored 0 indices");
    expect(output).toContain("KV: 0 entries added");
    expect(await countAll()).toEqual(before);
  });
});
