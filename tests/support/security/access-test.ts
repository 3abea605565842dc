/**
 * Who tries, and on what: one stack with the apps `demo` and `other` and the disabled app `gone`, pages of one origin each,
 * an expired reader token, and a second broker as production has it, without the switch for legacy clients.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readerEntry } from "#contract/store/app-record.ts";
import { RELAY_USERNAME, TAIL_USERNAME } from "#contract/wire/topics.ts";
import { openLocalKv } from "../../../stack/apps/kv.ts";
import { sha256 } from "../../../stack/apps/records.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { ensureSecrets } from "../../../stack/lib/secrets.ts";
import { startTestStack, type TestStack } from "../test-stack.ts";
import { createApp, withApps } from "./apps.ts";
import { tryConnect, type Login, type MqttOutcome, type TryingClient } from "./mqtt-client.ts";

const SYS_POLL_MS = 50;

export const OWN_ORIGIN = "https://demo.example";

/** Somebody who tries. */
export interface Principal {
  readonly login: Login;
  /** Value of the header Authorization. */
  readonly authorization?: string;
  /** MQTT user whose topics are its own. */
  readonly user: string;
  /** Where a client without a name may publish. */
  readonly ownTopic?: string;
  /** Broker that it meets. */
  readonly mqtt: string;
}

export const PRINCIPALS = [
  "the app",
  "no credentials",
  "a wrong key",
  "another app's key",
  "another app",
  "a disabled app",
  "an expired reader token",
  "a legacy client",
  "the relay",
  "the Worker",
  "the console",
] as const;

export type PrincipalName = (typeof PRINCIPALS)[number];

export interface World extends AsyncDisposable {
  readonly line: TestStack;
  readonly principals: Readonly<Record<PrincipalName, Principal>>;
  /** A client with the relay's rights: sees all logs, and may send receipts. On the broker with this URL. */
  readonly observe: (mqtt: string) => TryingClient;
  /** A client of the app `demo` with the client id `victim`. */
  readonly victim: TryingClient;
  /** Who of those that may connect is told the broker's own numbers. The broker tells them every ten seconds. */
  readonly whoHearsSys: () => Promise<ReadonlyMap<Principal, MqttOutcome>>;
}

const startObserver = async (url: string, password: string): Promise<TryingClient> => {
  const observer = await tryConnect(url, { username: RELAY_USERNAME, password });
  if (observer === undefined) throw new Error("The observer may not connect.");
  await observer.client.subscribeAsync(["logs/#", "mqtt"], { qos: 1 });
  return observer;
};

/** All listen at once, until the one who may hear it has heard. */
const listenToSys = async (
  principals: readonly Principal[],
  observer: TryingClient,
): Promise<ReadonlyMap<Principal, MqttOutcome>> => {
  await using stack = new AsyncDisposableStack();
  const listeners = new Map<Principal, TryingClient>();
  for (const who of principals) {
    const client = await tryConnect(who.mqtt, who.login);
    if (client === undefined) continue;
    stack.use(client);
    listeners.set(who, client);
    await client.client.subscribeAsync("$SYS/#");
  }
  const isSys = (topic: string): boolean => topic.startsWith("$SYS/");
  await observer.client.subscribeAsync("$SYS/#");
  while (!observer.got.some(isSys)) await sleep(SYS_POLL_MS);
  await Promise.all([...listeners.values()].map((client) => client.settle()));
  return new Map([...listeners].map(([who, { got }]) => [who, got.some(isSys) ? "yes" : "no"]));
};

const basic = (app: string, key: string): string => `Basic ${btoa(`${app}:${key}`)}`;

const createPrincipals = async (
  line: TestStack,
  home: string,
  strict: Broker,
): Promise<Record<PrincipalName, Principal>> => {
  const { mqtt, app, readerToken } = line.stack.file;
  const { relayToken, relayPassword, tailPassword } = await ensureSecrets(home);
  const expired = "elr_expired-0123456789012345678901234567890";
  {
    await using kv = await openLocalKv(home);
    const expiresAt = new Date(Date.now() - 1_000).toISOString();
    await kv.put({ [readerEntry(sha256(expired))]: { apps: ["demo"], expiresAt } });
  }
  const keys = await withApps(home, async (registry) => {
    await registry.commit("demo", { ...registry.find("demo"), origins: [OWN_ORIGIN] });
    return {
      other: await createApp(registry, "other", { origins: ["https://other.example"] }),
      gone: await createApp(registry, "gone", { disabled: true }),
    };
  });
  const asApp = (user: string, key: string): Principal => ({
    login: { username: user, password: key },
    authorization: basic(user, key),
    user,
    mqtt,
  });
  const asReader = (token: string): Principal => ({
    ...asApp("demo", token),
    authorization: `Bearer ${token}`,
  });
  return {
    "the app": asApp("demo", app.key),
    "no credentials": { login: {}, user: "demo", mqtt: strict.mqttUrl },
    "a wrong key": asApp("demo", "elk_wrong"),
    "another app's key": asApp("demo", keys.other),
    "another app": asApp("other", keys.other),
    "a disabled app": asApp("gone", keys.gone),
    "an expired reader token": asReader(expired),
    "a legacy client": { login: {}, user: "", ownTopic: "mqtt", mqtt },
    "the relay": { ...asApp(RELAY_USERNAME, relayPassword), authorization: `Bearer ${relayToken}` },
    "the Worker": asApp(TAIL_USERNAME, tailPassword),
    "the console": asReader(readerToken),
  };
};

export const startWorld = async (): Promise<World> => {
  const line = await startTestStack();
  const { ca, mqtt } = line.stack.file;
  const home = dirname(dirname(dirname(ca)));
  const strictHome = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "edgelog-strict-"));
  const strict = await startBroker({ home: strictHome, legacy: false });
  const principals = await createPrincipals(line, home, strict);
  const observers = new Map([
    [mqtt, await startObserver(mqtt, (await ensureSecrets(home)).relayPassword)],
    [strict.mqttUrl, await startObserver(strict.mqttUrl, strict.secrets.relayPassword)],
  ]);
  const observe = (url: string): TryingClient => {
    const observer = observers.get(url);
    if (observer === undefined) throw new Error(`no observer on ${url}`);
    return observer;
  };
  const victim = await tryConnect(mqtt, principals["the app"].login, { clientId: "victim" });
  if (victim === undefined) throw new Error("The victim may not connect.");
  const hearing = listenToSys(Object.values(principals), observe(mqtt));
  return {
    line,
    principals,
    observe,
    victim,
    whoHearsSys: () => hearing,
    async [Symbol.asyncDispose]() {
      await victim[Symbol.asyncDispose]();
      for (const observer of observers.values()) await observer[Symbol.asyncDispose]();
      await strict.stop();
      await line[Symbol.asyncDispose]();
      await rm(strictHome, { recursive: true, force: true });
    },
  };
};
