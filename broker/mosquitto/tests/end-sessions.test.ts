/** `npm run end-sessions`: the memory of the sessions of a revoked user is free again, as docs/operate/broker.md describes it. */
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BROKER_HEAP_TOPIC, receiptsTopic, RELAY_USERNAME, userFilter } from "#contract/wire/topics.ts";
import { startCommandHost, type CommandHost } from "../../../tests/support/commands/command-host.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { readPasswords, writePasswords } from "../../../stack/apps/password-file.ts";
import { DEMO_APP } from "../../../stack/lib/secrets.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { reloadBroker } from "./support/reload-broker.ts";

const CLIENTS = ["c1", "with spaces and ünicode", "x".repeat(30_000)];
const RECEIPTS = 100;
const CORRELATION_BYTES = 60_000;
const UNREAD_BYTES = CLIENTS.length * RECEIPTS * CORRELATION_BYTES;

let home: string;
let broker: Broker;
let commands: CommandHost;
const open: MqttClient[] = [];

beforeAll(async () => {
  home = await makeHome("end-sessions");
  const local = join(pathsOf(home).mosquitto, "conf.d", "local.conf");
  await mkdir(dirname(local), { recursive: true });
  await writeFile(local, "sys_interval 1\n");
  broker = await startBroker({ home });
  commands = startCommandHost();
});
afterAll(async () => {
  for (const client of open) await client.endAsync(true);
  await commands?.[Symbol.asyncDispose]();
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

const connect = async (username: string, password: string, options: IClientOptions): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(broker.mqttUrl, { protocolVersion: 5, username, password, ...options });
  open.push(client);
  return client;
};

/** Creates a session that stays, with a subscription, and disconnects. */
const leaveSession = async (username: string, password: string, clientId: string, filter: string): Promise<void> => {
  const client = await connect(username, password, {
    clientId,
    clean: false,
    properties: { sessionExpiryInterval: 3_600 },
  });
  await client.subscribeAsync(filter, { qos: 1 });
  await client.endAsync();
};

it("ends the sessions of the user, whatever their client ids are, and no others", async () => {
  const { relayPassword, appKey } = broker.secrets;
  let heapBytes = 0;
  const relay = await connect(RELAY_USERNAME, relayPassword, { clientId: "status" });
  relay.on("message", (_, payload) => (heapBytes = Number(payload)));
  await relay.subscribeAsync(BROKER_HEAP_TOPIC);
  await leaveSession(RELAY_USERNAME, relayPassword, "relay", userFilter(DEMO_APP));
  for (const clientId of CLIENTS) await leaveSession(DEMO_APP, appKey, clientId, receiptsTopic(DEMO_APP, clientId));
  const properties = { correlationData: Buffer.alloc(CORRELATION_BYTES) };
  for (const clientId of CLIENTS) {
    for (let i = 0; i < RECEIPTS; i += 1)
      await relay.publishAsync(receiptsTopic(DEMO_APP, clientId), "{}", { qos: 1, properties });
  }
  await expect.poll(() => heapBytes, { timeout: 20_000 }).toBeGreaterThan(UNREAD_BYTES);

  // The key is revoked, and the broker reads its passwords and saves its sessions.
  const { passwords, mosquitto } = pathsOf(home);
  const users = [...((await readPasswords(passwords)) ?? [])].filter(([user]) => user !== DEMO_APP);
  await writePasswords(passwords, new Map(users));
  await reloadBroker(broker, home);
  const database = join(mosquitto, "data", "mosquitto.db");
  broker.save();
  await expect.poll(async () => (await stat(database).catch(() => undefined))?.size ?? 0).toBeGreaterThan(UNREAD_BYTES);

  const env = { EDGELOG_PASSWORDS: passwords, RELAY_BROKER_URL: broker.mqttUrl, RELAY_BROKER_PASSWORD: relayPassword };
  expect(await commands.run("end-sessions.ts", ["_relay"], env)).toMatchObject({ exitCode: 1 });
  const refused = await commands.run("end-sessions.ts", [DEMO_APP], { ...env, RELAY_BROKER_PASSWORD: "wrong" });
  expect(refused).toMatchObject({
    exitCode: 1,
    all: `The broker at ${broker.mqttUrl} refused the user _relay (Connection refused: Not authorized). Check RELAY_BROKER_PASSWORD and RELAY_BROKER_USERNAME. Ended 0 of 3 sessions; run the command again for the rest.`,
  });
  const unreadable = { ...env, RELAY_BROKER_PASSWORD_FILE: join(home, "absent") };
  expect((await commands.run("end-sessions.ts", [DEMO_APP], unreadable)).all).toBe(
    "Invalid relay configuration: RELAY_BROKER_PASSWORD_FILE cannot be read",
  );
  const empty = { ...env, RELAY_BROKER_PASSWORD: "" };
  expect((await commands.run("end-sessions.ts", [DEMO_APP], empty)).all).toBe(
    "Pass the password of the relay in RELAY_BROKER_PASSWORD.",
  );
  const { all: defaultPath } = await commands.run("end-sessions.ts", [DEMO_APP], { ...env, EDGELOG_PASSWORDS: "" });
  expect(defaultPath).not.toContain("Cannot read data/mosquitto.db");
  const { hostname } = new URL(broker.mqttUrl);
  const closed = { ...env, RELAY_BROKER_URL: `mqtt://user:secret@${hostname}:1` };
  const unreachable = await commands.run("end-sessions.ts", [DEMO_APP], closed);
  expect(unreachable).toMatchObject({
    exitCode: 1,
    all: `Cannot connect to the broker at mqtt://${hostname}:1 (connect ECONNREFUSED ${hostname}:1). Is it running, and is RELAY_BROKER_URL right? Ended 0 of 3 sessions; run the command again for the rest.`,
  });
  const { all } = await commands.run("end-sessions.ts", [DEMO_APP], env);
  expect(all).toBe(`Ended ${CLIENTS.length} sessions of ${DEMO_APP}.`);
  await expect.poll(() => heapBytes, { timeout: 20_000 }).toBeLessThan(UNREAD_BYTES / 10);
  const session = mqtt.connect(broker.mqttUrl, {
    protocolVersion: 5,
    clientId: "relay",
    clean: false,
    username: RELAY_USERNAME,
    password: relayPassword,
  });
  open.push(session);
  expect(await new Promise((resolve) => session.once("connect", ({ sessionPresent }) => resolve(sessionPresent)))).toBe(
    true,
  );
}, 60_000);
