/** `npm run app` and `npm run reader` on a state directory without a running stack. */
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS } from "#contract/wire/durations.ts";
import { appEntry, ORIGINS_ENTRY, removedAppSchema } from "#contract/store/app-record.ts";
import { startCommandHost, type CommandHost } from "../../tests/support/commands/command-host.ts";
import { startFakeRelay } from "../../tests/support/fake-relay.ts";
import { makeHome } from "../../tests/support/make-home.ts";
import { openFileKv, openLocalKv, openWranglerKv, type Kv } from "../apps/kv.ts";
import { LOCAL_KV_ID } from "../services/miniflare-options.ts";
import { hashPassword, isPassword, readPasswords } from "../apps/password-file.ts";
import { createRecord, rotate, withApp } from "../apps/records.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";

const SETTINGS = { origins: [], rate: "standard", retentionDays: 30 } as const;

let home: string;

let host: CommandHost;

type Program = "app" | "reader";

interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** On the KV of the local stack in workerd, whose start takes most of the time of a command. */
const runInWorkerd = (program: Program, ...args: readonly string[]): Promise<Outcome> =>
  host.run(`${program}.ts`, args, { EDGELOG_HOME: home });

/** The same in a separate process, which also shows that the command ends. */
const runAsProcess = async (program: Program, ...args: readonly string[]): Promise<Outcome> => {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [`stack/commands/${program}.ts`, ...args], {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: home },
    reject: false,
  });
  return { exitCode, stdout, stderr };
};

/** On the KV of the local stack in Node.js, a file. Only the adapter in stack/apps/kv.ts differs. */
const run = (program: Program, ...args: readonly string[]): Promise<Outcome> =>
  host.run(`${program}.ts`, args, { EDGELOG_HOME: home, EDGELOG_RUNTIME: "node" });

const openKv = (): Kv => openFileKv(pathsOf(home).kvFile);

beforeAll(async () => {
  host = startCommandHost();
  home = await makeHome("apps");
  const { passwords } = pathsOf(home);
  await mkdir(dirname(passwords), { recursive: true });
  await mkdir(dirname(pathsOf(home).kvFile), { recursive: true });
  await writeFile(passwords, "_relay:$7$101$c2FsdHNhbHRzYWx0$aGFzaA==\n", { mode: 0o600 });
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

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

const userFileOf = async (): Promise<string> => await readFile(pathsOf(home).users, "utf8").catch(() => "");

describe("a new key", { timeout: 120_000 }, () => {
  afterAll(async () => {
    for (const app of ["waits", "early", "far-relay"]) await run("app", "remove", app);
    await run("app", "sync");
  });

  it("is valid at the broker only after the relay has a session for its user", async () => {
    const subscribed = new Set<string>();
    await using relay = await startFakeRelay(subscribed);
    const creation = run("app", "create", "waits", "--relay", relay.url);
    await expect.poll(() => relay.requested, { timeout: 20_000 }).toContain("waits");
    expect(await userFileOf()).toContain("waits\n");
    expect(await usersOf()).toEqual(["_relay"]);
    subscribed.add("waits");
    expect((await creation).exitCode).toBe(0);
    expect(await usersOf()).toEqual(["_relay", "waits"]);
  });

  it("changes no password while the relay has no session, and sync completes it", async () => {
    const subscribed = new Set<string>();
    await using relay = await startFakeRelay(subscribed);
    const { exitCode, stdout, stderr } = await run("app", "create", "early", "--relay", relay.url);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/no session for the MQTT user early: .* not opened/)]);
    expect(stdout).toMatch(/elk_[\w-]{43}/);
    expect(await usersOf()).not.toContain("early");
    subscribed.add("early");
    expect((await run("app", "sync", "--relay", relay.url)).exitCode).toBe(0);
    expect(await usersOf()).toContain("early");
  });

  it("needs a session at one of several relays, and is in the users file of the given one", async () => {
    await using first = await startFakeRelay(new Set());
    await using second = await startFakeRelay(new Set(["far-relay"]));
    const file = join(dirname(pathsOf(home).users), "users-2");
    const relays = ["--relay", first.url, "--relay", second.url];
    const { exitCode } = await run("app", "create", "far-relay", ...relays, "--relay-users", file);
    expect([exitCode, await readFile(file, "utf8")]).toEqual([0, "far-relay\n"]);
    expect(await userFileOf()).not.toContain("far-relay");
    expect(await usersOf()).toContain("far-relay");
  });

  it("is not created with --remote before the relay's address is known", async () => {
    const { exitCode, stderr } = await run("app", "create", "far", "--remote");
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/--relay URL or RELAY_URL/)]);
  });
});

describe("npm run app", () => {
  it("creates, changes, rotates, disables, enables and removes an app", { timeout: 180_000 }, async () => {
    const created = await runInWorkerd("app", "create", "shop", "--origin", "https://shop.example", "--rate", "low");
    const [key = ""] = /elk_[\w-]{43}/.exec(created.stdout) ?? [];
    expect(created.exitCode).toBe(0);
    expect(await usersOf()).toEqual(["_relay", "shop"]);

    await runInWorkerd("app", "set", "shop", "--retention", "90");
    const rotated = await runInWorkerd("app", "rotate", "shop", "--grace-days", "0.5");
    expect(rotated.stdout).toMatch(/elk2_[\w-]{43}/);
    const { stdout } = await runInWorkerd("app", "show", "shop");
    expect(stdout).toMatch(/origins https:\/\/shop\.example {2}rate low {2}retention 90 days/);
    expect(stdout).toMatch(/MQTT user shop {2}valid until .*\n.*MQTT user shop\.2 {2}valid$/);
    expect(await usersOf()).toEqual(["_relay", "shop", "shop.2"]);

    expect(await runInWorkerd("app", "disable", "shop")).toMatchObject({ exitCode: 0 });
    expect((await runInWorkerd("app", "list")).stdout).toContain("shop  DISABLED");
    expect(await usersOf()).toEqual(["_relay"]);
    expect(await runInWorkerd("app", "enable", "shop")).toMatchObject({ exitCode: 0 });
    expect(await usersOf()).toEqual(["_relay", "shop", "shop.2"]);

    // The key is stored nowhere in plain text.
    const { stdout: found } = await execa("grep", ["-rlF", key, home], { reject: false });
    expect(found).toBe("");

    await runInWorkerd("app", "remove", "shop");
    expect((await runInWorkerd("app", "list")).stdout).toBe("0 apps");
    expect(await usersOf()).toEqual(["_relay"]);
    // The relay still reads the messages that wait in the broker, and the Worker rejects them.
    expect(await userFileOf()).toContain("shop\nshop.2 shop\n");
    await using kv = await openLocalKv(home);
    expect(removedAppSchema.safeParse(await kv.get(appEntry("shop"))).success).toBe(true);
  });

  it("sets, shows and removes quotas", { timeout: 120_000 }, async () => {
    await run("app", "create", "quota", "--bytes-per-day", "5GB");
    expect((await run("app", "show", "quota")).stdout).toContain("quota 5 GB per day\n");
    await run("app", "set", "quota", "--events-per-second", "500");
    expect((await run("app", "show", "quota")).stdout).toContain("quota 5 GB per day, 500 events per second\n");
    await run("app", "set", "quota", "--bytes-per-day", "none", "--events-per-second", "none");
    expect((await run("app", "show", "quota")).stdout).toContain("quota none\n");
    await run("app", "remove", "quota");
  });

  it("restores an emptied KV from an export, and never empties the broker", { timeout: 300_000 }, async () => {
    const created = await run("app", "create", "kept", "--rate", "low");
    const [key = ""] = /elk_[\w-]{43}/.exec(created.stdout) ?? [];
    await run("reader", "create", "--app", "kept");
    const file = join(home, "export.json");
    expect((await run("app", "export", file)).exitCode).toBe(0);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, "utf8")).not.toContain(key);

    const hash = (await readPasswords(pathsOf(home).passwords))?.get("kept");
    {
      await using kv = openKv();
      for (const name of (await kv.list("")).keys()) await kv.remove(name);
    }
    const refused = await run("app", "sync");
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringMatching(/no entry of 1 app.*: kept\. Noth/)]);
    expect((await readPasswords(pathsOf(home).passwords))?.get("kept")).toBe(hash);

    expect((await run("app", "import", file)).stdout).toMatch(
      /app:kept[^]*reader:[^]* added, 0 different, 0 unchanged/,
    );
    expect((await run("app", "sync")).exitCode).toBe(0);
    expect((await run("app", "show", "kept")).stdout).toContain("rate low");
    expect((await run("app", "import", file)).stdout).toMatch(/^0 added, 0 different, \d+ unchanged/);

    await run("app", "set", "kept", "--rate", "high");
    const different = await run("app", "import", file);
    expect(different.stdout).toMatch(/Different in KV, not changed.*\n {2}app:kept\n0 added, 1 different/);
    expect((await run("app", "show", "kept")).stdout).toContain("rate high");
    expect((await run("app", "import", file, "--force")).stdout).toMatch(/Replaced:\n {2}app:kept/);
    expect((await run("app", "show", "kept")).stdout).toContain("rate low");

    {
      await using kv = openKv();
      await kv.remove(appEntry("kept"));
    }
    expect((await run("app", "sync", "--force")).exitCode).toBe(0);
    expect(await usersOf()).toEqual(["_relay"]);
    {
      await using kv = openKv();
      for (const name of (await kv.list("reader:")).keys()) await kv.remove(name);
    }
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
    { args: ["create"], message: /Missing app id/ },
    { args: ["create", "Shop"], message: /Invalid app id: Shop/ },
    { args: ["create", "shop", "--rate", "warp"], message: /rate/ },
    { args: ["create", "shop", "--retention", "31"], message: /retention/ },
    { args: ["create", "shop", "--origin", "shop.example/path"], message: /origin/ },
    { args: ["create", "shop", "--unknown"], message: /unknown/ },
    { args: ["create", "shop", "--bytes-per-day", "5PB"], message: /5PB is not a number of bytes/ },
    { args: ["create", "shop", "--relay", "host"], message: /relay/ },
    { args: ["export"], message: /file name/ },
    { args: ["import", "/nowhere"], message: /Cannot read \/nowhere/ },
    { args: ["show", "nobody"], message: /App not found: nobody/ },
  ])("rejects the arguments $args", async ({ args, message }) => {
    const { exitCode, stderr } = await run("app", ...args);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(stderr).not.toContain("    at ");
  });
});

describe("npm run reader", () => {
  it("creates a token, lists it without revealing it, and revokes it", async () => {
    const misspelled = await runAsProcess("reader", "create", "--app", "shopp");
    expect(misspelled.stderr).toBe("There is no app shopp. `npm run app -- list` shows all apps.");
    await runAsProcess("app", "create", "reading");
    const { stdout } = await runAsProcess("reader", "create", "--app", "reading", "--note", "Ann");
    const [token = ""] = /elr_[\w-]{43}/.exec(stdout) ?? [];
    expect(token).not.toBe("");
    const { stdout: list } = await runAsProcess("reader", "list");
    expect(list).not.toContain(token);
    const [, id = ""] = /^([0-9a-f]{12}) {2}reading {2}valid until .* {2}"Ann"$/m.exec(list) ?? [];
    expect(stdout).toContain(`with the id ${id}, valid until`);
    expect((await runAsProcess("reader", "revoke", id)).stdout).toBe(`Revoked ${id}.`);
    expect((await runAsProcess("reader", "list")).stdout).toBe("0 reader tokens");
  });
});

describe("KV through wrangler", { timeout: 180_000 }, () => {
  it("reads and writes the same entries as the local stack", async () => {
    const entry = { "reader:abc": { apps: ["shop"] }, [ORIGINS_ENTRY]: ["https://shop.example"] };
    // --remote selects another namespace; everything else is the same.
    const config = join(home, "wrangler.json");
    const namespace = { binding: "APPS", id: LOCAL_KV_ID };
    await writeFile(
      config,
      JSON.stringify({ name: "edgelog", compatibility_date: "2026-11-01", kv_namespaces: [namespace] }),
    );
    await using wrangler = await openWranglerKv(["--local", "--persist-to", pathsOf(home).worker], config);
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
