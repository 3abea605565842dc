/** Changes of apps by two commands at the same time, and the file that locks them. */
import { chown, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openFileKv } from "../apps/kv.ts";
import { createRecord } from "../apps/records.ts";
import { openRegistry, type Registry } from "../apps/registry.ts";
import { withFileLock } from "../lib/file-lock.ts";

const USER = 1_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgelog-registry-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (kv: ReturnType<typeof openFileKv>): Promise<Registry> =>
  openRegistry(kv, {
    passwords: join(folder, "passwords"),
    users: join(folder, "users"),
    confirmSessions: async () => undefined,
    reload: async () => "",
    missingUsers: "",
  });

it("the second of two changes of one app is refused, because it would undo the first one", async () => {
  await using kv = openFileKv(join(folder, "kv.sqlite"));
  const [first, second] = [await open(kv), await open(kv)];
  const { record } = createRecord({ origins: [], rate: "standard", retentionDays: 30 });
  await first.commit("shop", record);
  await first.commit("shop", { ...record, retentionDays: 7 });
  await expect(second.commit("shop", record)).rejects.toThrow("Another command has changed shop. Repeat the command.");
  await second.commit("blog", record);
  const after = await open(kv);
  expect(after.find("shop").retentionDays).toBe(7);
  expect(after.apps.size).toBe(2);
});

it.runIf(process.getuid?.() === 0)("a lock that root creates belongs to the owner of its folder", async () => {
  const owned = join(folder, "state");
  await mkdir(owned);
  await chown(owned, USER, USER);
  await withFileLock(join(owned, "passwords"), async () => undefined);
  expect((await stat(join(owned, "passwords.lock"))).uid).toBe(USER);
});
