/**
 * One durable session for each user of the users file, with a real broker.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import mqtt, { type MqttClient } from "mqtt";
import { createHmac } from "node:crypto";
import { toHealth } from "../src/health.ts";
import { listen, serveRelay } from "../src/http-server.ts";
import type { Relay } from "../src/start-relay.ts";
import { createState, readStateFile, StateWriter } from "../src/state-file.ts";
import { acceptAll, startRelayHarness, type RelayHarness } from "./support/relay-harness.ts";

let harness: RelayHarness;
let demo: MqttClient;
let shop: MqttClient;
let home: string;
const relays: Relay[] = [];

beforeAll(async () => {
  harness = await startRelayHarness();
  await harness.addUsers(["shop", "late"]);
  [demo, shop] = await Promise.all([harness.connect("c1"), harness.connect("c2", "shop")]);
});
afterAll(async () => {
  await demo?.endAsync(true);
  await shop?.endAsync(true);
  await harness?.[Symbol.asyncDispose]();
});
let run = 0;
beforeEach(async () => {
  run += 1;
  home = await mkdtemp(join(tmpdir(), "edgelog-sessions-"));
  harness.worker.respond = acceptAll;
  harness.worker.requests.length = 0;
  return async () => {
    for (const relay of relays.splice(0)) await relay.stop();
    await rm(home, { recursive: true, force: true });
  };
});

const usersFile = (): string => join(home, "users");
/** Each test has its own sessions at the broker. */
const toClientId = (): string => `relay-of-the-sessions-test-${run}`;
const toEnv = (more: Record<string, string> = {}): Record<string, string> => ({
  RELAY_CLIENT_ID: toClientId(),
  RELAY_USERS_FILE: usersFile(),
  RELAY_STATE_FILE: join(home, "state.json"),
  RELAY_HANDOVER_FILE: join(home, "handover.json"),
  RELAY_DRAIN_DEADLINE_MS: "500",
  ...more,
});
const start = async (env = toEnv()): Promise<Relay> => {
  const relay = await harness.startRelay(env);
  relays.push(relay);
  await vi.waitFor(() => expect(relay.isReady()).toBe(true), 10_000);
  return relay;
};
const stop = async (relay: Relay): Promise<void> => {
  relays.splice(relays.indexOf(relay), 1);
  await relay.stop();
};
const publish = (client: MqttClient, user: string, payload: string): Promise<unknown> =>
  client.publishAsync(`logs/${user}/${client.options.clientId}`, payload, { qos: 1 });
const payloads = (): string[] => harness.worker.requests.flat().map(({ payload }) => Buffer.from(payload).toString());
const received = (count: number): Promise<void> =>
  vi.waitFor(() => expect(payloads().length).toBeGreaterThanOrEqual(count), 15_000);
const waitForSession = (relay: Relay, user: string): Promise<void> =>
  vi.waitFor(() => expect(relay.isSubscribed(user)).toBe(true), 10_000);

describe("a user in the users file", () => {
  it("has a durable session that queues its messages while the relay is stopped", async () => {
    await writeFile(usersFile(), "demo\nshop\n");
    await stop(await start());
    await publish(demo, "demo", "for demo");
    await publish(shop, "shop", "for shop");
    await start();
    await received(2);
    expect(payloads().toSorted()).toEqual(["for demo", "for shop"]);
  });

  it("gets its session while the relay runs", async () => {
    await writeFile(usersFile(), "demo\n");
    const relay = await start();
    expect(relay.isSubscribed("late")).toBeUndefined();
    await writeFile(usersFile(), "demo\nlate\n");
    await waitForSession(relay, "late");
    const late = await harness.connect("c3", "late");
    await publish(late, "late", "hello");
    await late.endAsync(true);
    await received(1);
    expect(payloads()).toEqual(["hello"]);
  });

  it("can share a session with other users", async () => {
    await writeFile(usersFile(), "demo together\nshop together\n");
    const relay = await start();
    expect(relay.readStatus().sessions).toBe(2);
    await publish(demo, "demo", "for demo");
    await publish(shop, "shop", "for shop");
    await received(2);
    expect(payloads().toSorted()).toEqual(["for demo", "for shop"]);
  });

  it("can join a shared session that exists already", async () => {
    await writeFile(usersFile(), "demo together\n");
    const relay = await start();
    await writeFile(usersFile(), "demo together\nshop together\n");
    await waitForSession(relay, "shop");
    await publish(shop, "shop", "for shop");
    await received(1);
    await stop(relay);
    await publish(shop, "shop", "while stopped");
    const next = await start();
    await received(2);
    expect(payloads()).toEqual(["for shop", "while stopped"]);
    expect(next.isSubscribed("shop")).toBe(true);
  });

  it("keeps the stamps of its messages across a restart of the relay", async () => {
    await writeFile(usersFile(), "demo\nshop\n");
    harness.worker.respond = () => ({ status: 503 });
    const first = await start();
    await publish(demo, "demo", "for demo");
    await publish(shop, "shop", "for shop");
    const stamps = (): Record<string, string> =>
      Object.fromEntries(
        harness.worker.requests.flat().map(({ id, payload }) => [Buffer.from(payload).toString(), id]),
      );
    await vi.waitFor(() => expect(Object.keys(stamps())).toHaveLength(2), 10_000);
    const before = stamps();
    await stop(first);
    harness.worker.requests.length = 0;
    harness.worker.respond = acceptAll;
    await start();
    await received(2);
    expect(stamps()).toEqual(before);
  });
});

describe("GET /sessions/{user}", () => {
  it("is 404 for an unknown user, and 200 when the session of a user is subscribed", async () => {
    await writeFile(usersFile(), "demo\n");
    const relay = await start();
    const server = await listen({ host: "127.0.0.1", port: 0 });
    serveRelay(server, relay);
    const read = async (user: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/sessions/${user}`)).status;
    expect([await read("demo"), await read("shop")]).toEqual([200, 404]);
    server.close();
  });

  it("is 503 without a broker", async () => {
    await writeFile(usersFile(), "demo\n");
    const relay = await harness.startRelay(toEnv({ RELAY_BROKER_URL: "mqtt://127.0.0.1:1" }));
    relays.push(relay);
    expect(relay.isSubscribed("demo")).toBe(false);
  });
});

describe("two relays with a users file each", () => {
  const toSecondEnv = (more: Record<string, string> = {}): Record<string, string> =>
    toEnv({
      RELAY_CLIENT_ID: `${toClientId()}-2`,
      RELAY_USERS_FILE: join(home, "users-2"),
      RELAY_STATE_FILE: join(home, "state-2.json"),
      RELAY_HANDOVER_FILE: join(home, "handover-2.json"),
      ...more,
    });

  it.each([
    ["never received it", false],
    ["received it before", true],
  ])("receive each message once, also on the topic of existing apps: the second %s", async (_, receivedBefore) => {
    await writeFile(usersFile(), "demo\n");
    await writeFile(join(home, "users-2"), "shop\n");
    await start();
    if (receivedBefore) await stop(await start(toSecondEnv()));
    await start(toSecondEnv({ RELAY_LEGACY_TOPIC: "false" }));
    const legacy = await mqtt.connectAsync(harness.broker.mqttUrl, { clientId: "existing-app" });
    await legacy.publishAsync("mqtt", "without a user", { qos: 1 });
    await legacy.endAsync(true);
    for (const text of ["first", "last"]) {
      await publish(demo, "demo", `${text} of demo`);
      await publish(shop, "shop", `${text} of shop`);
    }
    await received(5);
    const expected = ["first of demo", "first of shop", "last of demo", "last of shop", "without a user"];
    expect(payloads().toSorted()).toEqual(expected);
  });
});

describe("the change from one session to a session for each user", () => {
  const MESSAGES = 300;

  it("loses no message, delivers the backlog of the old session, and then ends its subscription", async () => {
    const withoutUsers = toEnv();
    delete withoutUsers["RELAY_USERS_FILE"];
    await stop(await start(withoutUsers));
    await publish(demo, "demo", "backlog");
    await writeFile(usersFile(), "demo\nshop\n");
    const sending = Array.from({ length: MESSAGES }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * 5));
      await publish(i % 2 === 0 ? demo : shop, i % 2 === 0 ? "demo" : "shop", `m${i}`);
    });
    const relay = await start();
    await Promise.all(sending);
    await vi.waitFor(() => expect(new Set(payloads()).size).toBe(MESSAGES + 1), 15_000);
    await vi.waitFor(() => expect(relay.readStatus().heldMessages).toBe(0), 5_000);
    harness.worker.requests.length = 0;
    await publish(demo, "demo", "once");
    await publish(shop, "shop", "marker");
    await received(2);
    expect(payloads()).toEqual(["once", "marker"]);
  });

  it("waits until the users file exists", async () => {
    const relay = await start();
    await publish(demo, "demo", "before");
    await received(1);
    await writeFile(usersFile(), "demo\nshop\n");
    await waitForSession(relay, "shop");
    await publish(shop, "shop", "after");
    await received(2);
    expect(payloads().slice(0, 2)).toEqual(["before", "after"]);
  });
});

describe("a session that the broker has lost", () => {
  it.each(["while the relay runs", "while the relay is stopped"])("is counted and reported: %s", async (when) => {
    await writeFile(usersFile(), "demo\n");
    let relay = await start();
    const takeOver = async (): Promise<void> => {
      const clientId = createHmac("sha256", toClientId()).update("demo").digest("hex");
      const thief = await mqtt.connectAsync(harness.broker.mqttUrl, {
        clientId,
        clean: true,
        username: "demo",
        password: harness.broker.secrets.appKey,
      });
      await thief.endAsync();
    };
    if (when === "while the relay runs") await takeOver();
    else {
      await stop(relay);
      await takeOver();
      relay = await start();
    }
    await vi.waitFor(() => expect(relay.readStatus().lostSessions).toBe(1), 10_000);
    await vi.waitFor(() => expect(relay.isReady()).toBe(true), 10_000);
    expect(toHealth(relay.readStatus(), Date.now())).toEqual({ status: "degraded", problems: ["session_lost"] });
    expect(await relay.metrics.registry.metrics()).toMatch(/^edgelog_relay_sessions_lost_total 1$/m);
    await publish(demo, "demo", "again");
    await received(1);
  });

  it("is not reported for a new session", async () => {
    await writeFile(usersFile(), "demo\n");
    const relay = await start();
    expect(toHealth(relay.readStatus(), Date.now())).toEqual({ status: "ok", problems: [] });
    expect(await relay.metrics.registry.metrics()).toMatch(/^edgelog_relay_sessions_lost_total 0$/m);
  });
});

describe("the state file", () => {
  it("contains no client id", async () => {
    await writeFile(usersFile(), "demo\n");
    await stop(await start());
    const text = await readFile(join(home, "state.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({ sessions: { _main: [], demo: ["demo"] } });
    expect(text).not.toContain(toClientId());
  });

  const problemsOf = (relay: Relay): readonly string[] => toHealth(relay.readStatus(), Date.now()).problems;
  const readGauge = async (relay: Relay): Promise<string | undefined> =>
    /^edgelog_relay_state_not_saved (\d)$/m.exec(await relay.metrics.registry.metrics())?.[1];

  it("is reported while it cannot be written", async () => {
    await writeFile(usersFile(), "demo\n");
    const relay = await start(toEnv({ RELAY_STATE_FILE: join(home, "state", "state.json") }));
    await vi.waitFor(() => expect(problemsOf(relay)).toEqual(["state_not_saved"]));
    expect(await readGauge(relay)).toBe("1");
    await mkdir(join(home, "state"));
    await writeFile(usersFile(), "demo\nshop\n");
    await vi.waitFor(() => expect(problemsOf(relay)).toEqual([]), 10_000);
    expect(await readGauge(relay)).toBe("0");
  });

  it("is reported if it could not be read", async () => {
    await mkdir(join(home, "state.json"));
    await writeFile(usersFile(), "demo\n");
    const relay = await start();
    await rm(join(home, "state.json"), { recursive: true });
    await writeFile(usersFile(), "demo\nshop\n");
    await vi.waitFor(() => expect(relay.readStatus().isStateSaved).toBe(true), 10_000);
    expect(problemsOf(relay)).toEqual(["state_not_saved"]);
  });

  it("is written again after a failure", async () => {
    const path = join(home, "later", "state.json");
    let failures = 0;
    const writer = new StateWriter(path, () => (failures += 1), 10);
    await writer.save(createState());
    expect(writer.isSaved).toBe(false);
    await vi.waitFor(() => expect(failures).toBeGreaterThan(2));
    await mkdir(join(home, "later"));
    await vi.waitFor(() => expect(writer.isSaved).toBe(true));
    expect(await readStateFile(path)).toEqual(createState());
  });
});
