/** `npm run app` on the files of a deployment and Mosquitto: users that are removed, and commands that run at the same time. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appEntry, appRecordSchema, ORIGINS_ENTRY } from "#contract/store/app-record.ts";
import { startCommandHost, type CommandHost } from "../../tests/support/commands/command-host.ts";
import { startFakeRelay } from "../../tests/support/fake-relay.ts";
import { makeHome } from "../../tests/support/make-home.ts";
import { tryConnect } from "../../tests/support/security/mqtt-client.ts";
import { putDemo } from "../apps/demo.ts";
import { openFileKv } from "../apps/kv.ts";
import { readPasswords } from "../apps/password-file.ts";
import { createRecord } from "../apps/records.ts";
import { readUsers } from "../apps/users-file.ts";
import { DEMO_APP } from "../lib/secrets.ts";
import { pathsOf, ROOT_DIR } from "../lib/state-dir.ts";
import { startBroker, type Broker } from "../services/broker.ts";

const SYSTEM_USERS = ["_relay", "_tail", DEMO_APP];

let host: CommandHost;
let home: string;
let broker: Broker;
let kvPath: string;
beforeAll(async () => {
  host = startCommandHost();
  home = await makeHome("edgelog-broker-sync");
  broker = await startBroker({ home });
  kvPath = join(home, "kv.sqlite");
  await using kv = openFileKv(kvPath);
  await putDemo(kv, broker.secrets);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

/** Upper bound for a busy machine: a wait ends as soon as its condition is met. */
const WAIT_MS = 60_000;

interface Outcome {
  readonly exitCode: number | undefined;
  readonly output: string;
}

/** The files of a server without Cloudflare. */
const toTarget = (): readonly string[] => ["--kv", kvPath, "--passwords", pathsOf(home).passwords];

const run = async (...args: readonly string[]): Promise<Outcome> => {
  const { exitCode, all } = await host.run("app.ts", [...args, ...toTarget()], { EDGELOG_HOME: home });
  return { exitCode, output: all };
};

/** Runs a command while others run. If it waits for the relay, it does so until they have ended. */
const runAsProcess = async (...args: readonly string[]): Promise<Outcome> => {
  const { exitCode, all } = await execa(process.execPath, ["stack/commands/app.ts", ...args, ...toTarget()], {
    cwd: ROOT_DIR,
    env: { EDGELOG_HOME: home, EDGELOG_TEST_SESSION_DEADLINE_MS: String(WAIT_MS) },
    all: true,
    reject: false,
  });
  return { exitCode, output: all };
};

const readUserNames = async (): Promise<readonly string[]> => [
  ...((await readPasswords(pathsOf(home).passwords)) ?? new Map<string, string>()).keys(),
];

const readKey = (output: string): string => /elk\d*_[\w-]{43}/.exec(output)?.[0] ?? "";

const canConnect = async (username: string, password: string): Promise<boolean> => {
  await using client = await tryConnect(broker.mqttUrl, { username, password });
  return client !== undefined;
};

describe("a user that is removed", { timeout: 120_000 }, () => {
  it("needs no relay", async () => {
    await using relay = await startFakeRelay(new Set(["shop"]));
    const key = readKey((await run("create", "shop", "--relay", relay.url)).output);
    broker.kill("SIGHUP");
    await expect.poll(() => canConnect("shop", key)).toBe(true);

    expect(await run("disable", "shop")).toMatchObject({ exitCode: 0 });
    expect(await readUserNames()).toEqual(SYSTEM_USERS);
    broker.kill("SIGHUP");
    await expect.poll(() => canConnect("shop", key)).toBe(false);
    expect(await run("sync")).toMatchObject({ exitCode: 0 });

    const refused = await run("enable", "shop");
    expect([refused.exitCode, refused.output]).toEqual([1, expect.stringContaining("--relay URL or RELAY_URL")]);
    expect((await run("show", "shop")).output).toContain("shop  DISABLED");
    expect(await run("enable", "shop", "--relay", relay.url)).toMatchObject({ exitCode: 0 });

    expect(await run("remove", "shop")).toMatchObject({ exitCode: 0 });
    expect(await readUserNames()).toEqual(SYSTEM_USERS);
  });

  it("is removed also if another one waits for the relay", async () => {
    await using relay = await startFakeRelay(new Set(["old"]));
    await run("create", "old", "--relay", relay.url);
    {
      await using kv = openFileKv(kvPath);
      const old = appRecordSchema.parse(await kv.get(appEntry("old")));
      const { record } = createRecord({ origins: [], rate: "standard", retentionDays: 30 });
      await kv.put({ [appEntry("old")]: { ...old, disabled: true }, [appEntry("fresh")]: record });
    }
    const { exitCode, output } = await run("sync", "--relay", relay.url);
    expect([exitCode, output]).toEqual([1, expect.stringContaining("no session for the MQTT user fresh")]);
    expect(output).toContain("reload its passwords now");
    expect(await readUserNames()).toEqual(SYSTEM_USERS);
    for (const app of ["old", "fresh"]) await run("remove", app);
  });
});

describe("commands at the same time", { timeout: 120_000 }, () => {
  it.each(["create", "sync"])("%s keeps what others write while it waits for the relay", async (command) => {
    const subscribed = new Set(["quick"]);
    await using relay = await startFakeRelay(subscribed);
    if (command === "sync") {
      await using kv = openFileKv(kvPath);
      await kv.put({ [appEntry("slow")]: createRecord({ origins: [], rate: "low", retentionDays: 30 }).record });
    }
    const waiting = runAsProcess(command, ...(command === "create" ? ["slow"] : []), "--relay", relay.url);
    await expect.poll(() => relay.requested, { timeout: WAIT_MS }).toContain("slow");
    expect(await run("create", "quick", "--relay", relay.url)).toMatchObject({ exitCode: 0 });
    expect(await readUserNames()).toEqual([...SYSTEM_USERS, "quick"]);
    subscribed.add("slow");
    expect(await waiting).toMatchObject({ exitCode: 0 });
    expect((await readUserNames()).toSorted()).toEqual([...SYSTEM_USERS, "quick", "slow"]);
    for (const app of ["slow", "quick"]) await run("remove", app);
  });

  it("does not add a user that was removed while it waited for the relay", async () => {
    const subscribed = new Set<string>();
    await using relay = await startFakeRelay(subscribed);
    const waiting = runAsProcess("create", "short", "--relay", relay.url);
    await expect.poll(() => relay.requested, { timeout: WAIT_MS }).toContain("short");
    await run("remove", "short");
    subscribed.add("short");
    expect(await waiting).toMatchObject({ exitCode: 0 });
    expect(await readUserNames()).toEqual(SYSTEM_USERS);
  });

  it("all create their app", async () => {
    const apps = Array.from({ length: 6 }, (_, i) => `app-${i}`);
    const created = await Promise.all(
      apps.map((app) => runAsProcess("create", app, "--origin", `https://${app}.example`, "--no-relay")),
    );
    expect(created.map(({ exitCode }) => exitCode)).toEqual(apps.map(() => 0));
    expect((await readUserNames()).toSorted()).toEqual([...SYSTEM_USERS, ...apps].toSorted());
    expect([...(await readUsers(pathsOf(home).users)).keys()]).toEqual(expect.arrayContaining(apps));
    // The demo app allows every origin.
    await run("disable", DEMO_APP);
    {
      await using kv = openFileKv(kvPath);
      expect(await kv.get(ORIGINS_ENTRY)).toEqual(apps.map((app) => `https://${app}.example`));
    }
    for (const app of apps) await run("remove", app);
  });
});

describe("a lost password file", { timeout: 120_000 }, () => {
  /** The commands in the output, as an operator runs them. */
  const addUsers = async (output: string): Promise<void> => {
    const commands = output.match(/^ {2}printf .*mosquitto_passwd .*$/gm) ?? [];
    expect(commands).toHaveLength(2);
    const { relayPassword, tailPassword } = broker.secrets;
    const env = { RELAY_PASSWORD: relayPassword, TAIL_PASSWORD: tailPassword };
    for (const command of commands) await execa("sh", ["-c", command], { env });
  };

  it.each([true, false])("is created again by sync, while the relay has sessions: %s", async (isRelayConnected) => {
    const apps = ["saved", DEMO_APP];
    const subscribed = new Set(apps);
    await using relay = await startFakeRelay(subscribed);
    const key = readKey((await run("create", "saved", "--relay", relay.url)).output);
    await run("enable", DEMO_APP, "--relay", relay.url);
    await broker.stop();
    const { passwords } = pathsOf(home);
    await rm(passwords);
    if (!isRelayConnected) subscribed.clear();

    const refused = await run("set", "saved", "--rate", "low");
    expect([refused.exitCode, refused.output]).toEqual([1, expect.stringContaining("npm run app -- sync")]);
    const { exitCode, output } = await run("sync", "--relay", relay.url);
    expect(exitCode).toBe(isRelayConnected ? 0 : 1);
    expect((await readUserNames()).toSorted()).toEqual(isRelayConnected ? apps.toSorted() : []);
    await addUsers(output);

    await broker.start();
    expect(await canConnect("_relay", broker.secrets.relayPassword)).toBe(true);
    for (const app of apps) subscribed.add(app);
    expect(await run("sync", "--relay", relay.url)).toMatchObject({ exitCode: 0 });
    broker.kill("SIGHUP");
    await expect.poll(() => canConnect("saved", key)).toBe(true);
    expect((await readUserNames()).toSorted()).toEqual(expect.arrayContaining(["_relay", "_tail", ...apps]));
    await run("remove", "saved");
  });
});
