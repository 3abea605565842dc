/** Entries of KV that someone wrote by hand, or that were damaged. */
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appEntry, ORIGINS_ENTRY, readerEntry } from "#contract/store/app-record.ts";
import { startCommandHost, type CommandHost } from "../../tests/support/commands/command-host.ts";
import { openKvFile } from "../../worker/node/kv-file.ts";
import { exportApps, importApps } from "../apps/backup.ts";
import { openFileKv } from "../apps/kv.ts";
import { createRecord, sha256 } from "../apps/records.ts";
import { openRegistry } from "../apps/registry.ts";

const createApp = () => createRecord({ origins: [], rate: "standard", retentionDays: 30 }).record;

const TARGET = {
  passwords: "/none",
  users: "/none",
  confirmSessions: async (): Promise<void> => undefined,
  reload: async (): Promise<string> => "",
  missingUsers: "",
};

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgelog-kv-"));
  path = join(dir, "kv.sqlite");
  return () => rm(dir, { recursive: true });
});

/** Writes values that `Kv` cannot write. */
const putText = async (entries: Readonly<Record<string, string>>): Promise<void> => {
  using file = openKvFile(path);
  for (const [name, value] of Object.entries(entries)) await file.put(name, value);
};

describe("a malformed entry of KV", () => {
  it.each(["{", '{"keys":1}'])("%s is reported, and an import replaces it and nothing else", async (value) => {
    const backup = join(dir, "apps.json");
    await using kv = openFileKv(path);
    const [shop, blog, changed] = [createApp(), createApp(), createApp()];
    await kv.put({ [appEntry("shop")]: shop, [appEntry("blog")]: blog });
    await exportApps(kv, backup, { force: false, nowMs: Date.now() });
    await kv.put({ [appEntry("blog")]: changed });
    await putText({ [appEntry("shop")]: value });

    expect((await openRegistry(kv, TARGET)).malformed).toEqual([appEntry("shop")]);
    expect(await importApps(kv, backup, { force: false, nowMs: Date.now() })).toEqual({
      added: [appEntry("shop")],
      different: [appEntry("blog")],
      unchanged: 0,
    });
    expect(await kv.get(appEntry("shop"))).toEqual(shop);
    expect(await kv.get(appEntry("blog"))).toEqual(changed);
  });

  it("is named by an export, which writes the others and keeps the entry of the last export", async () => {
    const backup = join(dir, "apps.json");
    await using kv = openFileKv(path);
    const [shop, blog] = [createApp(), createApp()];
    await kv.put({ [appEntry("shop")]: shop });
    await exportApps(kv, backup, { force: false, nowMs: Date.now() });
    await kv.put({ [appEntry("blog")]: blog });
    await putText({ [appEntry("shop")]: "{", [appEntry("new")]: "{", [readerEntry("x")]: "1" });

    await expect(exportApps(kv, backup, { force: false, nowMs: Date.now() })).rejects.toThrow(
      /^2 entries written to .*malformed.*:\n {2}app:new\n {2}app:shop: the file keeps the entry.*\n {2}reader:x\n/,
    );
    expect(JSON.parse(await readFile(backup, "utf8"))).toMatchObject({ apps: { "app:shop": shop, "app:blog": blog } });
    await importApps(kv, backup, { force: false, nowMs: Date.now() });
    expect(await kv.get(appEntry("shop"))).toEqual(shop);
  });

  it("is malformed also because of its name, which is not written to the broker's files", async () => {
    const passwords = join(dir, "passwords");
    await writeFile(passwords, "_relay:x\n");
    await using kv = openFileKv(path);
    const name = appEntry("a\n_relay:y");
    await kv.put({ [name]: createApp(), [appEntry("shop")]: createApp() });
    await putText({ [ORIGINS_ENTRY]: "{" });
    const registry = await openRegistry(kv, { ...TARGET, passwords, users: join(dir, "relay", "users") });
    expect(registry.malformed).toEqual([name]);
    await registry.sync();
    expect(await readFile(passwords, "utf8")).toMatch(/^_relay:x\nshop:\S+\n$/);
    expect(await kv.get(ORIGINS_ENTRY)).toEqual([]);
  });
});

describe("commands with malformed entries", { timeout: 60_000 }, () => {
  let host: CommandHost;
  beforeAll(() => {
    host = startCommandHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const run = async (program: "app" | "erase" | "reader", ...args: readonly string[]): Promise<string> => {
    const { exitCode, all } = await host.run(`${program}.ts`, [...args, "--kv", path], { EDGELOG_HOME: dir });
    return `${exitCode} ${all}`;
  };

  it("list and revoke reader tokens, also the malformed ones", async () => {
    const [broken, good] = ["ab".repeat(32), "cd".repeat(32)];
    {
      await using kv = openFileKv(path);
      await kv.put({ [readerEntry(good)]: { apps: ["shop"], note: "Ann" } });
    }
    await putText({ [readerEntry(broken)]: '{"apps":"shop"}', [readerEntry("by hand")]: "{" });
    const listed = await run("reader", "list");
    expect(listed).toMatch(/^0 reader:abab.* {2}MALFORMED.*\nreader:by hand {2}MALFORMED.*\ncdcdcdcdcdcd {2}shop {2}/);
    expect(listed).toMatch(/\n3 reader tokens$/);
    expect(await run("reader", "revoke", "cdcdcdcd")).toBe("0 Revoked cdcdcdcdcdcd.");
    expect(await run("reader", "revoke", "abababab")).toBe("0 Revoked abababababab.");
    expect(await run("reader", "revoke", "reader:by hand")).toBe("0 Revoked reader:by hand.");
    expect(await run("reader", "list")).toBe("0 0 reader tokens");
  });

  it("name and remove malformed apps", async () => {
    await using kv = openFileKv(path);
    await putText({ [appEntry("My Shop")]: "{", [appEntry("shop")]: "{" });
    expect(await run("app", "show", "shop")).toMatch(/^1 app:shop in KV is not a valid app record/);
    expect(await run("app", "list")).toMatch(/^0 app:My Shop in KV .*\napp:shop in KV .*\n0 apps$/);
    expect(await run("app", "remove", "My Shop")).toBe("0 Removed app:My Shop from KV.");
    expect(await run("app", "remove", "My Shop")).toBe("1 App not found: My Shop.");
    expect([...(await kv.list("app:")).keys()]).toEqual([appEntry("shop")]);
  });

  it("erase a user also in removed apps and in those whose entry is malformed", async () => {
    await using kv = openFileKv(path);
    await kv.put({ [appEntry("old")]: { removed: true, removedAt: new Date().toISOString() } });
    await putText({ [appEntry("shop")]: "{", [appEntry("My Shop")]: "{" });
    const requested = Promise.withResolvers<readonly [IncomingMessage, ServerResponse]>();
    const server = createServer((...exchange) => requested.resolve(exchange));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const running = run("erase", "--user", "u-1", "--dry-run", "--url", `http://127.0.0.1:${port}`);
    const [{ headers }, response] = await requested.promise;
    const reader = await kv.get(readerEntry(sha256(headers.authorization?.slice("Bearer ".length) ?? "")));
    response.writeHead(500).end();
    expect(await running).toContain("The Worker responded with 500");
    server.close();
    expect(reader).toMatchObject({ apps: ["old", "shop"], canErase: true });
  });
});
