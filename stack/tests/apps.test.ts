/** Runs `npm run app` and `npm run reader` as processes, on a state directory without a running stack. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "#contract/wire/durations.ts";
import { ORIGINS_ENTRY } from "#contract/store/app-record.ts";
import { openLocalKv, openWranglerKv } from "../apps/kv.ts";
import { hashPassword, isPassword, readPasswords } from "../apps/password-file.ts";
import { createRecord, rotate, withApp } from "../apps/records.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";

const SETTINGS = { origins: [], rate: "standard", retentionDays: 30 } as const;

let home: string;

const run = async (program: "app" | "reader", ...args: readonly string[]) => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [`stack/commands/${program}.ts`, ...args], {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: home },
    reject: false,
  });
  return { exitCode, stdout, stderr };
};

beforeAll(async () => {
  home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "apps-"));
  const { passwords } = pathsOf(home);
  await mkdir(dirname(passwords), { recursive: true });
  await writeFile(passwords, "_relay:$7$101$c2FsdHNhbHRzYWx0$aGFzaA==\n", { mode: 0o600 });
});
afterAll(() => rm(home, { recursive: true, force: true }));

const usersOf = async (): Promise<readonly string[]> => [
  ...((await readPasswords(pathsOf(home).passwords)) ?? new Map<string, string>()).keys(),
];

describe("app records", () => {
  it("keep the old key during the grace period of a rotation", () => {
    const { record, key } = createRecord({ ...SETTINGS, origins: [] });
    const now = Date.now();
    const second = rotate(record, DAY_MS, now);
    expect([key, second.key].map((each) => each.split("_")[0])).toEqual(["elk", "elk2"]);
    const users = (at: number) => [...withApp(new Map([["shop-2", "x"]]), "shop", second.record, at).keys()];
    expect(users(now)).toEqual(["shop-2", "shop", "shop.2"]);
    expect(users(now + DAY_MS)).toEqual(["shop-2", "shop.2"]);
    // A second rotation does not extend the grace period of the first key.
    const third = rotate(second.record, 10 * DAY_MS, now);
    expect(third.record.keys.map(({ expiresAt }) => expiresAt)).toEqual([
      new Date(now + DAY_MS).toISOString(),
      new Date(now + 10 * DAY_MS).toISOString(),
      undefined,
    ]);
    expect(rotate(second.record, 0, now).record.keys).toHaveLength(1);
  });

  it("have password hashes in the format of mosquitto_passwd", async () => {
    const file = join(home, "reference");
    await writeFile(file, "shop:elk_secret\n", { mode: 0o600 });
    await execa("mosquitto_passwd", ["-U", file]);
    const reference = (await readPasswords(file))?.get("shop");
    expect(isPassword(reference, "elk_secret")).toBe(true);
    expect(isPassword(reference, "elk_other")).toBe(false);
    expect(
      hashPassword("elk_secret")
        .split("$")
        .map((part) => part.length),
    ).toEqual(reference?.split("$").map((part) => part.length));
  });
});

describe("npm run app", () => {
  it("creates, changes, rotates, disables, enables and removes an app", { timeout: 180_000 }, async () => {
    const created = await run("app", "create", "shop", "--origin", "https://shop.example", "--rate", "low");
    const [key = ""] = /elk_[\w-]{43}/.exec(created.stdout) ?? [];
    expect(created.exitCode).toBe(0);
    expect(await usersOf()).toEqual(["_relay", "shop"]);

    await run("app", "set", "shop", "--retention", "90");
    const rotated = await run("app", "rotate", "shop", "--grace-days", "0.5");
    expect(rotated.stdout).toMatch(/elk2_[\w-]{43}/);
    const { stdout } = await run("app", "show", "shop");
    expect(stdout).toMatch(/origins https:\/\/shop\.example {2}rate low {2}retention 90 days/);
    expect(stdout).toMatch(/MQTT user shop {2}valid until .*\n.*MQTT user shop\.2 {2}valid$/);
    expect(await usersOf()).toEqual(["_relay", "shop", "shop.2"]);

    await run("app", "disable", "shop");
    expect((await run("app", "list")).stdout).toContain("shop  DISABLED");
    expect(await usersOf()).toEqual(["_relay"]);
    await run("app", "enable", "shop");
    expect(await usersOf()).toEqual(["_relay", "shop", "shop.2"]);

    // The key is stored nowhere in plain text.
    const { stdout: found } = await execa("grep", ["-rlF", key, home], { reject: false });
    expect(found).toBe("");

    await run("app", "remove", "shop");
    expect((await run("app", "list")).stdout).toBe("0 app(s)");
    expect(await usersOf()).toEqual(["_relay"]);
  });

  it("completes a change that was interrupted before the broker was updated", async () => {
    const { passwords } = pathsOf(home);
    const before = await readFile(passwords, "utf8");
    await rm(passwords);
    const interrupted = await run("app", "create", "half");
    expect(interrupted.exitCode).toBe(1);
    expect(interrupted.stderr).toContain("password file is missing");
    await writeFile(passwords, before, { mode: 0o600 });
    const again = await run("app", "create", "half");
    expect(again.stderr).toMatch(/already exists.*rotate half/);
    expect(await usersOf()).toEqual(["_relay", "half"]);

    await writeFile(passwords, before, { mode: 0o600 });
    await run("app", "sync");
    expect(await usersOf()).toEqual(["_relay", "half"]);
    await run("app", "remove", "half");
    await writeFile(passwords, `${before}half:$7$101$c2FsdHNhbHRzYWx0$aGFzaA==\n`, { mode: 0o600 });
    await run("app", "remove", "half");
    expect(await usersOf()).toEqual(["_relay"]);
  });

  it.each([
    { args: [], message: /Usage/ },
    { args: ["paint", "shop"], message: /Usage/ },
    { args: ["create"], message: /invalid app id/ },
    { args: ["create", "Shop"], message: /invalid app id/ },
    { args: ["create", "shop", "--rate", "warp"], message: /rate/ },
    { args: ["create", "shop", "--retention", "31"], message: /retention/ },
    { args: ["create", "shop", "--origin", "shop.example/path"], message: /origin/ },
    { args: ["create", "shop", "--unknown"], message: /unknown/ },
    { args: ["show", "nobody"], message: /App not found: nobody/ },
  ])("rejects the arguments $args", async ({ args, message }) => {
    const { exitCode, stderr } = await run("app", ...args);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr).not.toContain("    at ");
  });
});

describe("npm run reader", () => {
  it("creates a token, lists it without revealing it, and revokes it", async () => {
    const { stdout } = await run("reader", "create", "--app", "shop", "--app", "demo", "--note", "Ann");
    const [token = ""] = /elr_[\w-]{43}/.exec(stdout) ?? [];
    expect(token).not.toBe("");
    const { stdout: list } = await run("reader", "list");
    expect(list).not.toContain(token);
    const [, id = ""] = /^([0-9a-f]{12}) {2}shop demo {2}valid until .* {2}"Ann"$/m.exec(list) ?? [];
    expect((await run("reader", "revoke", id)).stdout).toBe(`Revoked ${id}.`);
    expect((await run("reader", "list")).stdout).toBe("0 reader token(s)");
  });
});

describe("KV through wrangler", () => {
  it("reads and writes the same entries as the local stack", async () => {
    const entry = { "reader:abc": { apps: ["shop"] }, [ORIGINS_ENTRY]: ["https://shop.example"] };
    // --remote selects another namespace; everything else is the same.
    await using wrangler = await openWranglerKv(["--local", "--persist-to", pathsOf(home).worker]);
    await wrangler.put(entry);
    await using local = await openLocalKv(home);
    expect(await local.get("reader:abc")).toEqual({ apps: ["shop"] });
    expect([...(await wrangler.list("reader:"))]).toEqual([["reader:abc", { apps: ["shop"] }]]);
    expect(await wrangler.get("nothing")).toBeUndefined();
    await wrangler.remove("reader:abc");
    expect([...(await wrangler.list("reader:"))]).toEqual([]);
    expect(await local.get(ORIGINS_ENTRY)).toEqual(["https://shop.example"]);
  });
});
