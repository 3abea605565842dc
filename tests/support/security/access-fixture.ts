/**
 * Principals and servers of the access test: a stack with the apps `demo` and `other`, each with one allowed origin, the
 * disabled app `gone`, an expired reader token, and a second broker that does not allow legacy clients.
 */
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readerEntry } from "#contract/store/app-record.ts";
import { RELAY_USERNAME, TAIL_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../make-home.ts";
import { openLocalKv } from "../../../stack/apps/kv.ts";
import { sha256 } from "../../../stack/apps/records.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { ensureSecrets } from "../../../stack/lib/secrets.ts";
import { startTestStack, type TestStack } from "../test-stack.ts";
import { createApp, withApps } from "./apps.ts";
import { tryConnect, type Login, type MqttOutcome, type AccessClient } from "./mqtt-client.ts";

const SYS_POLL_MS = 50;

export const OWN_ORIGIN = "https://demo.example";

/** Credentials, and the broker that they are used on. */
export interface Principal {
  readonly login: Login;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  /** MQTT user name in the topics of this principal. */
  readonly user: string;
  /** Topic for clients without a user name. */
  readonly ownTopic?: string;
  /** URL of the broker. */
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

export interface AccessFixture extends AsyncDisposable {
  readonly stack: TestStack;
  readonly principals: Readonly<Record<PrincipalName, Principal>>;
  /** A client with the relay's permissions on the broker with this URL: receives all events, can publish receipts. */
  readonly observe: (mqtt: string) => AccessClient;
  /** A client of the app `demo` with the client id `victim`. */
  readonly victim: AccessClient;
  /** Which principals receive `$SYS` topics, without those that cannot connect. Mosquitto publishes them every 10 s. */
  readonly readSysAccess: () => Promise<ReadonlyMap<Principal, MqttOutcome>>;
}

const startObserver = async (url: string, password: string): Promise<AccessClient> => {
  const observer = await tryConnect(url, { username: RELAY_USERNAME, password });
  if (observer === undefined) throw new Error("The observer cannot connect.");
  await observer.client.subscribeAsync(["logs/#", "mqtt"], { qos: 1 });
  return observer;
};

/** Subscribes all principals to `$SYS`, waits until the observer received a message, and returns the principals that did too. */
const findSysAccess = async (
  principals: readonly Principal[],
  observer: AccessClient,
): Promise<ReadonlyMap<Principal, MqttOutcome>> => {
  await using disposables = new AsyncDisposableStack();
  const listeners = new Map<Principal, AccessClient>();
  for (const who of principals) {
    const client = await tryConnect(who.mqtt, who.login);
    if (client === undefined) continue;
    disposables.use(client);
    listeners.set(who, client);
    await client.client.subscribeAsync("$SYS/#");
  }
  const isSys = (topic: string): boolean => topic.startsWith("$SYS/");
  await observer.client.subscribeAsync("$SYS/#");
  while (!observer.receivedTopics.some(isSys)) await sleep(SYS_POLL_MS);
  await Promise.all([...listeners.values()].map((client) => client.settle()));
  return new Map([...listeners].map(([who, { receivedTopics }]) => [who, receivedTopics.some(isSys) ? "yes" : "no"]));
};

const basic = (app: string, key: string): string => `Basic ${btoa(`${app}:${key}`)}`;

const createPrincipals = async (
  stack: TestStack,
  home: string,
  strict: Broker,
): Promise<Record<PrincipalName, Principal>> => {
  const { mqtt, app, readerToken } = stack.file;
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

export const startAccessFixture = async (): Promise<AccessFixture> => {
  const stack = await startTestStack();
  const { ca, mqtt } = stack.file;
  const home = dirname(dirname(dirname(ca)));
  const strictHome = await makeHome("edgelog-strict");
  const strict = await startBroker({ home: strictHome, legacy: false });
  const principals = await createPrincipals(stack, home, strict);
  const observers = new Map([
    [mqtt, await startObserver(mqtt, (await ensureSecrets(home)).relayPassword)],
    [strict.mqttUrl, await startObserver(strict.mqttUrl, strict.secrets.relayPassword)],
  ]);
  const observe = (url: string): AccessClient => {
    const observer = observers.get(url);
    if (observer === undefined) throw new Error(`No observer on ${url}`);
    return observer;
  };
  const victim = await tryConnect(mqtt, principals["the app"].login, { clientId: "victim" });
  if (victim === undefined) throw new Error("The victim cannot connect.");
  const sysAccess = findSysAccess(Object.values(principals), observe(mqtt));
  return {
    stack,
    principals,
    observe,
    victim,
    readSysAccess: () => sysAccess,
    async [Symbol.asyncDispose]() {
      await victim[Symbol.asyncDispose]();
      for (const observer of observers.values()) await observer[Symbol.asyncDispose]();
      await strict.stop();
      await stack[Symbol.asyncDispose]();
      await rm(strictHome, { recursive: true, force: true });
    },
  };
};
