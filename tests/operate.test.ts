/** Commands of an operator against one OpenSearch and one Worker: erasing a user, then a backup, its loss and its restoration. */
import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APP_ENTRY_PREFIX, READER_ENTRY_PREFIX, readerEntry } from "#contract/store/app-record.ts";
import { ERASURES_INDEX } from "#contract/store/erasure.ts";
import { openLocalKv } from "../stack/apps/kv.ts";
import { sha256 } from "../stack/apps/records.ts";
import { checkOrigins } from "../stack/deploy/check-origins.ts";
import { pathsOf, ROOT_DIR } from "../stack/lib/state-dir.ts";
import { readWranglerConfig } from "../stack/lib/wrangler-config.ts";
import { startOpenSearch } from "../stack/services/opensearch.ts";
import { startOperatorStack, toUserEvent as toEvent, type OperatorStack } from "./support/operator-stack.ts";
import { createReader } from "./support/readers.ts";

const USER = "u-1042";
const HOUR = 3_600_000;
const TIMEOUT_MS = 300_000;

let stack: OperatorStack;
beforeAll(async () => {
  stack = await startOperatorStack({ ownOpenSearch: true });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const query = <T = unknown>(path: string, body?: object, method?: string): Promise<T> =>
  stack.query<T>(path, body, method);
const post: OperatorStack["post"] = (...args) => stack.post(...args);
const run: OperatorStack["run"] = (...args) => stack.run(...args);
const runWithInput: OperatorStack["runWithInput"] = (...args) => stack.runWithInput(...args);

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
    expect(await post("shop", stack.shop.key, [...mine, ...others])).toMatchObject({ stored: 30 });
    expect(await post("blog", stack.blog.key, [toEvent(USER, old), toEvent("u-1", old)])).toMatchObject({ stored: 2 });
    const invalid = [toEvent(USER, old, { severity: "loud" }), toEvent("u-1", old, { severity: "loud" })];
    expect((await post("shop", stack.shop.key, invalid)).rejected).toHaveLength(2);
    const untyped = [{ user: { id: USER } }, { "user.id": [USER] }].map((attributes) => ({ body: "x", attributes }));
    expect(await post("shop", stack.shop.key, untyped)).toMatchObject({ stored: 2 });
    expect(await findText(`"${USER}"`)).toBe(24);

    await query("/logs-*,rejected-*/_refresh", {});
    expect(await runWithInput(`${USER}\n`, "erase.ts", "--dry-run")).toContain("Found 23 logs and 1 rejected event.");
    expect(await findText(`"${USER}"`)).toBe(24);

    const output = await run("erase.ts", "--user", USER);
    expect(output).toContain("Deleted 23 logs and 1 rejected event; 0 left.");
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
    expect(hits.hits.map(({ _source }) => _source)).toMatchObject([{ by: "npm run erase", logs: 23, rejected: 1 }]);
    expect(JSON.stringify(hits)).not.toContain(USER);
  });

  it("lets a device that comes back get `erased` for old logs, and store new ones", async () => {
    const events = [toEvent(USER, old + HOUR), toEvent(USER, Date.now() + 1), toEvent("u-1", old)];
    const receipt = await post("shop", stack.shop.key, events);
    expect(receipt).toMatchObject({ stored: 2, rejected: [{ index: 0, reason: "erased" }] });
    expect(await findText(`"${USER}"`)).toBe(1);
  });

  it("refuses invalid events of the user, too, and does not keep them", async () => {
    const late = toEvent(USER, old + HOUR, { severity: "loud", body: "kept by mistake" });
    expect(await post("shop", stack.shop.key, [late])).toMatchObject({ rejected: [{ index: 0, reason: "erased" }] });
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
      env: stack.toEnv(),
      input: `${USER}\n`,
      detached: true,
      reject: false,
    });
    const { pid = 0 } = child;
    const ended = (async (): Promise<never> => {
      const { stderr } = await child;
      throw new Error(`The command ended without a request: ${String(stderr)}`);
    })();
    ended.catch(() => undefined);
    const bearer = await Promise.race([requested.promise, ended]);
    const name = readerEntry(sha256(bearer.slice("Bearer ".length)));
    expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain(USER);
    {
      await using kv = await openLocalKv(stack.home);
      expect(await kv.get(name)).toMatchObject({ canErase: true });
    }
    process.kill(-pid, "SIGINT");
    process.kill(pid, "SIGINT");
    expect((await child).exitCode).toBe(130);
    server.closeAllConnections();
    server.close();
    await using kv = await openLocalKv(stack.home);
    expect(await kv.get(name)).toBeUndefined();
  });

  it("needs a token with its own right, which sees only its apps", async () => {
    const erase = (bearer: string, apps?: readonly string[]): Promise<Response> =>
      fetch(new URL("/erasures", stack.worker.url), {
        method: "POST",
        headers: { Authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ user: USER, dryRun: true, ...(apps === undefined ? {} : { apps }) }),
      });
    expect((await erase(stack.token)).status).toBe(403);
    expect((await erase("elr_unknown")).status).toBe(401);
    await using kv = await openLocalKv(stack.home);
    const allowed = await createReader(kv, { apps: ["shop"], canErase: true });
    expect((await erase(allowed, ["blog"])).status).toBe(403);
    expect(await (await erase(allowed)).json()).toMatchObject({ dryRun: true, logs: 1, remaining: 1 });
  });

  it("fails while an index is closed, which may have logs of the user, and names it", async () => {
    const index = "logs-30d-2026.01.01";
    await query(`/${index}/_doc/1?refresh=true`, { user: { id: USER }, edgelog: { app: "shop" } }, "PUT");
    await query(`/${index}/_close`);
    for (const more of [[], ["--dry-run"]]) {
      await expect(run("erase.ts", "--user", USER, ...more)).rejects.toThrow(
        `closed, so their logs cannot be erased: ${index}.`,
      );
    }
    await query(`/${index}`, undefined, "DELETE");
  });
});

it("npm run deploy accepts the index templates that the setup installed", { timeout: TIMEOUT_MS }, async () => {
  const config = readWranglerConfig(join(ROOT_DIR, "wrangler.toml"));
  const findings = await checkOrigins(config, {
    OPENSEARCH_URL: stack.opensearch.url,
    BROKER_URL: "http://127.0.0.1:9",
  });
  expect(findings.filter(({ result }) => result === "failed").map(({ name }) => name)).toEqual(["broker"]);
});

describe("npm run backup", { timeout: TIMEOUT_MS }, () => {
  it("restores every document, app and token after all data is lost", async () => {
    const dir = join(stack.home, "backup");
    const { port } = new URL(stack.opensearch.url);
    const [counts, documents] = [await countAll(), await readAll()];
    expect(Object.keys(counts).length).toBeGreaterThan(2);
    expect(await run("backup.ts", "create", "--location", ".", "--dir", dir)).toContain("Snapshot edgelog-");
    // Logs after the backup are lost.
    await post("shop", stack.shop.key, [toEvent("later", Date.now())]);

    await stack.opensearch.stop();
    await rm(pathsOf(stack.home).opensearch, { recursive: true, force: true });
    {
      await using kv = await openLocalKv(stack.home);
      for (const prefix of [APP_ENTRY_PREFIX, READER_ENTRY_PREFIX]) {
        for (const name of (await kv.list(prefix)).keys()) await kv.remove(name);
      }
    }
    stack.opensearch = await startOpenSearch({ home: stack.home, port: Number(port) });
    expect(await countAll()).toEqual({});
    expect((await post("shop", stack.shop.key, [toEvent("lost", Date.now())])).stored).toBeUndefined();

    const output = await run("backup.ts", "restore", "--location", ".", "--dir", dir);
    expect(output).toContain(`Restored ${Object.keys(counts).length} indices`);
    expect(await countAll()).toEqual(counts);
    expect(await readAll()).toEqual(documents);
    expect((await post("shop", stack.shop.key, [toEvent("after", Date.now())])).stored).toBe(1);
    const search = await fetch(new URL("/search?q=after", stack.worker.url), {
      headers: { Authorization: `Bearer ${stack.token}` },
    });
    expect(search.status).toBe(200);
  });

  it("changes nothing that exists", async () => {
    const before = await countAll();
    const output = await run("backup.ts", "restore", "--dir", join(stack.home, "backup"));
    expect(output).toContain("Restored 0 indices");
    expect(output).toContain("KV: 0 entries added");
    expect(await countAll()).toEqual(before);
  });
});
