/** The KV file of a Worker without Cloudflare: expiry, prefixes, several processes, and `kill -9` during writes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openKvFile } from "../../node/kv-file.ts";

const WRITER = join(import.meta.dirname, "../support/write-kv.ts");
const KILLS = 8;

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "edgelog-kv-"));
  path = join(dir, "kv.sqlite");
});
afterEach(() => rmSync(dir, { recursive: true }));

it("returns what was written, after the file was opened again", async () => {
  {
    using kv = openKvFile(path);
    await kv.put("app:shop", '{"a":1}');
    await kv.put("app:shop", '{"a":2}');
    await kv.put("app:gone", "{}");
    await kv.delete("app:gone");
  }
  using kv = openKvFile(path);
  expect(await kv.get("app:shop")).toEqual({ a: 2 });
  expect(await kv.get("app:gone")).toBeNull();
});

it("refuses changes that other processes would not see, because the file was removed or replaced", async () => {
  using kv = openKvFile(path);
  await kv.put("app:shop", "{}");
  expect(kv.state()).toBe("current");
  renameSync(path, `${path}.old`);
  expect(kv.state()).toBe("removed");
  await expect(kv.list({ prefix: "" })).rejects.toThrow(`${path} was removed while it was open.`);
  writeFileSync(path, "");
  expect(kv.state()).toBe("replaced");
  await expect(kv.put("app:shop", "{}")).rejects.toThrow(/was replaced/);
  await expect(kv.delete("app:shop")).rejects.toThrow(/was replaced/);
  expect(await kv.get("app:shop")).toEqual({});
});

it("lists the names with a prefix, which may contain wildcards of SQL", async () => {
  using kv = openKvFile(path);
  for (const name of ["app:a", "app:b", "app_:c", "reader:d", "app%"]) await kv.put(name, "{}");
  const namesOf = async (prefix: string, limit?: number): Promise<readonly string[]> =>
    (await kv.list({ prefix, ...(limit === undefined ? {} : { limit }) })).keys.map(({ name }) => name);
  expect(await namesOf("app:")).toEqual(["app:a", "app:b"]);
  expect(await namesOf("app:", 1)).toEqual(["app:a"]);
  expect(await namesOf("app_")).toEqual(["app_:c"]);
  expect(await namesOf("app%")).toEqual(["app%"]);
});

it("creates files that only their owner can read", async () => {
  using kv = openKvFile(path);
  await kv.put("app:shop", "{}");
  for (const name of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(name).mode & 0o077).toBe(0);
});

it("expires entries", async () => {
  let now = 1_000_000;
  using kv = openKvFile(path, () => now);
  await kv.put("app:old", "{}", { expirationTtl: 60 });
  now += 59_999;
  expect(await kv.get("app:old")).toEqual({});
  now += 1;
  expect(await kv.get("app:old")).toBeNull();
  expect((await kv.list({ prefix: "app:" })).keys).toEqual([]);
});

it("sees the writes of another process at once", async () => {
  using reader = openKvFile(path);
  using writer = openKvFile(path);
  expect(await reader.get("app:shop")).toBeNull();
  await writer.put("app:shop", "{}");
  expect(await reader.get("app:shop")).toEqual({});
});

it("refuses a file that is not a database", () => {
  writeFileSync(path, "not a database, but long enough to have a header of one: ".repeat(40));
  expect(() => openKvFile(path)).toThrow(`${path}: file is not a database. Restore it from a backup.`);
});

it("names a file that cannot be created", () => {
  expect(() => openKvFile(join(path, "missing"))).toThrow(/ENO.*missing.*check the permissions/);
});

it("keeps every confirmed write when the process is killed during writes", { timeout: 120_000 }, async () => {
  const confirmed = new Set<number>();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const first = kill * 100_000;
    const writer = spawn(process.execPath, [WRITER, path, String(first)], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: writer.stdout });
    const wanted = 5 + Math.floor(Math.random() * 200);
    lines.on("line", (line) => {
      confirmed.add(Number(line));
      // Between two confirmations a write is always in progress.
      if (Number(line) === first + wanted) writer.kill("SIGKILL");
    });
    await Promise.all([once(writer, "exit"), once(lines, "close")]);
    using kv = openKvFile(path);
    const { keys } = await kv.list({ prefix: "entry:" });
    const stored = new Set(keys.map(({ name }) => Number(name.slice("entry:".length))));
    expect([...confirmed].filter((n) => !stored.has(n))).toEqual([]);
    expect(await kv.get(`entry:${first + wanted}`)).toMatchObject({ n: first + wanted });
  }
  expect(confirmed.size).toBeGreaterThan(KILLS * 5);
});

it("leaves files of the owner of the database when root opens it", async ({ skip }) => {
  if (process.getuid?.() !== 0) skip();
  const { chownSync } = await import("node:fs");
  {
    using created = openKvFile(path);
    await created.put("a", "1");
  }
  chownSync(path, 1_000, 1_000);
  using kv = openKvFile(path);
  await kv.put("b", "2");
  expect([path, `${path}-wal`, `${path}-shm`].map((file) => statSync(file).uid)).toEqual([1_000, 1_000, 1_000]);
});
