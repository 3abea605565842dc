/** The export of KV does not replace a file that has entries which KV has lost. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, describe, expect, it } from "vitest";
import { appEntry, REMOVED_APP_DAYS, readerEntry } from "#contract/store/app-record.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { exportApps } from "../apps/backup.ts";
import { openFileKv, type Kv } from "../apps/kv.ts";
import { createRecord, sha256 } from "../apps/records.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

const NOW = Date.parse("2026-11-30T12:00:00.000Z");
const createApp = () => createRecord({ origins: [], rate: "standard", retentionDays: 30 }).record;

let dir: string;
let path: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgelog-backup-kv-"));
  path = join(dir, "kv.sqlite");
  file = join(dir, "apps.json");
  return () => rm(dir, { recursive: true });
});

const save = (kv: Kv, force = false, nowMs = NOW): Promise<number> => exportApps(kv, file, { force, nowMs });
const readNames = async (name = file): Promise<readonly string[]> => {
  const { apps, readers } = JSON.parse(await readFile(name, "utf8")) as { apps: object; readers: object };
  return [...Object.keys(apps), ...Object.keys(readers)];
};

describe("an export", () => {
  it("does not replace a file with apps that KV has lost, writes KV to another one, and replaces it with force", async () => {
    await using kv = openFileKv(path);
    await kv.put({ [appEntry("shop")]: createApp(), [appEntry("blog")]: createApp() });
    expect(await save(kv)).toBe(2);
    await kv.remove(appEntry("shop"));
    await kv.put({ [appEntry("new")]: createApp() });

    await expect(save(kv)).rejects.toThrow(
      /^KV lacks 1 entry that .*apps\.json has\. The file was not changed.*\n {2}app:shop\n.*--remote.*import/,
    );
    expect(await readNames()).toEqual(["app:blog", "app:shop"]);
    expect(await readNames(`${file}.new`)).toEqual(["app:blog", "app:new"]);
    expect(await save(kv, true)).toBe(2);
    expect(await readNames()).toEqual(["app:blog", "app:new"]);
  });

  it("names ten of the lost entries", async () => {
    await using kv = openFileKv(path);
    const names = Array.from({ length: 12 }, (_, i) => appEntry(`app-${i}`));
    await kv.put(Object.fromEntries(names.map((name) => [name, createApp()])));
    await save(kv);
    for (const name of names) await kv.remove(name);
    await expect(save(kv)).rejects.toThrow(/KV lacks 12 entries [^]*\n {2}app:app-\d+\n {2}and 2 more\n/);
  });

  it("replaces a file with revoked tokens and removed apps that have expired", async () => {
    await using kv = openFileKv(path);
    const removed = { removed: true, removedAt: new Date(NOW).toISOString() };
    await kv.put({ [appEntry("shop")]: createApp(), [appEntry("old")]: removed });
    await kv.put({ [readerEntry(sha256("a"))]: { apps: ["shop"] } });
    await save(kv);
    await kv.remove(readerEntry(sha256("a")));
    expect(await save(kv)).toBe(2);

    await kv.remove(appEntry("old"));
    await expect(save(kv)).rejects.toThrow("app:old");
    expect(await save(kv, false, NOW + REMOVED_APP_DAYS * DAY_MS)).toBe(1);
  });

  it("does not replace a file with reader tokens only if KV lacks all of them", async () => {
    await using kv = openFileKv(path);
    await kv.put({ [readerEntry(sha256("a"))]: { apps: [], canMonitor: true } });
    await save(kv);
    await kv.remove(readerEntry(sha256("a")));
    await expect(save(kv)).rejects.toThrow("KV lacks 1 entry");
  });

  it("writes no file if KV is empty, and replaces no file that is not an export", async () => {
    await using kv = openFileKv(path);
    await expect(save(kv)).rejects.toThrow(/^KV has no app and no reader token/);
    await expect(readFile(file)).rejects.toThrow("ENOENT");
    await kv.put({ [appEntry("shop")]: createApp() });
    await writeFile(file, "notes");
    await expect(save(kv)).rejects.toThrow(/is not JSON\.\nMove it away/);
    expect(await readFile(file, "utf8")).toBe("notes");
    expect(await save(kv, true)).toBe(1);
  });
});

describe("commands that export", { timeout: 60_000 }, () => {
  const run = async (...args: readonly string[]): Promise<string> => {
    const [program, ...rest] = args;
    const { exitCode, all } = await execa(process.execPath, [`stack/commands/${program}.ts`, ...rest, "--kv", path], {
      cwd: ROOT_DIR,
      // Nothing listens there.
      env: { EDGELOG_HOME: dir, OPENSEARCH_URL: "http://127.0.0.1:1" },
      all: true,
      reject: false,
    });
    return `${exitCode} ${all}`;
  };

  it("fail and keep the file if KV was emptied, and replace it with --force", async () => {
    {
      await using kv = openFileKv(path);
      await kv.put({ [appEntry("shop")]: createApp() });
      await save(kv);
      await kv.remove(appEntry("shop"));
    }
    const before = await readFile(file, "utf8");
    expect(await run("app", "export", file)).toMatch(/^1 KV lacks 1 entry /);
    expect(await run("backup", "create", "--dir", dir)).toMatch(/^1 KV lacks 1 entry /);
    expect(await readFile(file, "utf8")).toBe(before);
    expect(await run("app", "export", file, "--force")).toMatch(/^0 0 entries written to /);
    expect(await readNames()).toEqual([]);
    await rm(file);
    expect(await run("backup", "create", "--dir", dir, "--force")).toMatch(/^1 0 entries of KV written to /);
  });
});
