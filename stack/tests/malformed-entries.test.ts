/** Entries of KV that someone wrote by hand, or that were damaged. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { appEntry } from "#contract/store/app-record.ts";
import { openKvFile } from "../../worker/node/kv-file.ts";
import { exportApps, importApps } from "../apps/backup.ts";
import { openFileKv } from "../apps/kv.ts";
import { createRecord } from "../apps/records.ts";
import { openRegistry } from "../apps/registry.ts";

const createApp = () => createRecord({ origins: [], rate: "standard", retentionDays: 30 }).record;

const TARGET = {
  passwords: "/none",
  users: "/none",
  confirmSessions: async (): Promise<void> => undefined,
  reload: async (): Promise<string> => "",
  missingUsers: "",
};

describe("a malformed entry of KV", () => {
  it.each(["{", '{"keys":1}'])("%s is reported, and an import replaces it and nothing else", async (value) => {
    const dir = await mkdtemp(join(tmpdir(), "edgelog-kv-"));
    const path = join(dir, "kv.sqlite");
    const backup = join(dir, "apps.json");
    await using kv = openFileKv(path);
    const [shop, blog, changed] = [createApp(), createApp(), createApp()];
    await kv.put({ [appEntry("shop")]: shop, [appEntry("blog")]: blog });
    await exportApps(kv, backup, Date.now());
    await kv.put({ [appEntry("blog")]: changed });
    using file = openKvFile(path);
    await file.put(appEntry("shop"), value);

    expect((await openRegistry(kv, TARGET)).malformed).toEqual([appEntry("shop")]);
    await expect(exportApps(kv, backup, Date.now())).rejects.toThrow("malformed entries");
    expect(await importApps(kv, backup, { force: false, nowMs: Date.now() })).toEqual({
      added: [appEntry("shop")],
      different: [appEntry("blog")],
      unchanged: 0,
    });
    expect(await kv.get(appEntry("shop"))).toEqual(shop);
    expect(await kv.get(appEntry("blog"))).toEqual(changed);
    await rm(dir, { recursive: true });
  });
});
