/** `npm run app` on one host: where it finds the broker's password file, and that it changes nothing if the path is wrong. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { beforeEach, expect, it } from "vitest";
import { appEntry } from "#contract/store/app-record.ts";
import { startFakeRelay } from "../../tests/support/fake-relay.ts";
import { openFileKv } from "../apps/kv.ts";
import { readPasswords } from "../apps/password-file.ts";
import { createRecord, withApp } from "../apps/records.ts";
import { ROOT_DIR } from "../lib/state-dir.ts";

const { record } = createRecord({ origins: [], rate: "standard", retentionDays: 30 });

let dir: string;
let kvPath: string;
let passwords: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "edgelog-passwords-path-"));
  kvPath = join(dir, "kv.sqlite");
  passwords = join(dir, "broker", "passwords");
  await using kv = openFileKv(kvPath);
  await kv.put({ [appEntry("shop")]: record });
  return () => rm(dir, { recursive: true });
});

const run = async (env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> => {
  const { exitCode, all } = await execa(process.execPath, ["stack/commands/app.ts", ...args], {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: dir, EDGELOG_KV: kvPath, ...env },
    all: true,
    reject: false,
  });
  return `${exitCode} ${all}`;
};

it("a command that finds no folder for the password file does not change KV", { timeout: 60_000 }, async () => {
  for (const args of [["rotate", "shop", "--grace-days", "0", "--no-relay"], ["disable", "shop"], ["sync"]]) {
    const output = await run({ EDGELOG_PASSWORDS: passwords }, ...args);
    expect(output).toMatch(/^1 There is no folder for .*broker\/passwords\. Nothing was changed\.\n.*--passwords FILE/);
  }
  await using kv = openFileKv(kvPath);
  expect(await kv.get(appEntry("shop"))).toEqual(record);
});

it("EDGELOG_PASSWORDS is the file in which a leaked key is revoked", { timeout: 60_000 }, async () => {
  await mkdir(join(dir, "broker"));
  const users = withApp(new Map([["_relay", "x"]]), "shop", record, Date.now());
  await writeFile(passwords, [...users].map(([user, hash]) => `${user}:${hash}\n`).join(""));
  await using relay = await startFakeRelay(new Set(["shop", "shop.2"]));
  const env = { EDGELOG_PASSWORDS: passwords, RELAY_URL: relay.url };
  expect(await run(env, "rotate", "shop", "--grace-days", "0")).toMatch(/^0 Key of shop/);
  expect([...((await readPasswords(passwords)) ?? [])].map(([user]) => user)).toEqual(["_relay", "shop.2"]);
});

it("the file that a documented command names is that of the broker's service", async () => {
  const { stdout } = await execa("grep", ["-rhoE", "EDGELOG_PASSWORDS=[^ ]+", "docs/operate"], { cwd: ROOT_DIR });
  const { stdout: unit } = await execa("grep", ["-h", "StateDirectory=", "deploy/single-host/edgelog-broker.service"], {
    cwd: ROOT_DIR,
  });
  expect([...new Set(stdout.split("\n"))].join()).toBe(`EDGELOG_PASSWORDS=/var/lib/${unit.split("=")[1]}/passwords`);
});
