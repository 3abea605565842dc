/**
 * No log of the broker names the client ids of the relay: a client that knows one can take over the session and delete its
 * queue.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, expect, it } from "vitest";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";

const MAX_QUEUED = 10;
const DROPPED = 5;
const EXPIRED_TOPIC = "$SYS/broker/clients/expired";
/** A PUBREC for a packet identifier that the broker has not used. */
const UNKNOWN_PUBREC = Buffer.from([0x50, 2, 0, 99]);
/** A second CONNECT on the same connection is a protocol error. */
const SECOND_CONNECT = Buffer.from([0x10, 14, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 60, 0, 0, 1, 0x78]);

let home: string;
let broker: Broker;
const clients: MqttClient[] = [];

const start = async (additions: string): Promise<void> => {
  home = await makeHome("client-ids");
  const { mosquitto } = pathsOf(home);
  await mkdir(join(mosquitto, "conf.d"), { recursive: true });
  const limits = `max_queued_messages ${MAX_QUEUED}\nsys_interval 1\n`;
  await writeFile(join(mosquitto, "conf.d", "test.conf"), limits + additions);
  broker = await startBroker({ home });
};

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

const connect = async (options: IClientOptions): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(broker.mqttUrl, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  client.on("error", () => undefined);
  clients.push(client);
  return client;
};

const connectRelay = (clientId: string, sessionExpiryInterval = 3_600): Promise<MqttClient> =>
  connect({
    clientId,
    username: RELAY_USERNAME,
    password: broker.secrets.relayPassword,
    clean: false,
    properties: { sessionExpiryInterval },
  });

const isClosed = (client: MqttClient): Promise<void> => new Promise((resolve) => client.once("close", resolve));

/** Fills the queue of the session above its limit. Resolves when the broker has dropped messages. */
const fillQueue = async (session: string): Promise<void> => {
  const relay = await connectRelay(session);
  await relay.subscribeAsync("logs/#", { qos: 1 });
  await relay.endAsync();
  const phone = await connect({ clientId: "phone", username: "demo", password: broker.secrets.appKey });
  for (let i = 0; i < MAX_QUEUED + DROPPED; i += 1) await phone.publishAsync("logs/demo/phone", "x", { qos: 1 });
};

const countQueued = async (session: string): Promise<number> => {
  let count = 0;
  const relay = mqtt.connect(broker.mqttUrl, {
    protocolVersion: 5,
    clientId: session,
    username: RELAY_USERNAME,
    password: broker.secrets.relayPassword,
    clean: false,
    properties: { sessionExpiryInterval: 3_600 },
  });
  clients.push(relay);
  relay.on("message", () => (count += 1));
  await new Promise((resolve) => relay.once("connect", resolve));
  // The SUBACK arrives after the queued messages.
  await relay.subscribeAsync("flush");
  return count;
};

const IDS = ["takeover", "unknown-pubrec", "protocol-error", "full-queue", "expired"].map((id) => `secret-${id}`);

/** Causes every event for which Mosquitto can log a client id. */
const causeEvents = async (): Promise<void> => {
  const [takeover = "", pubrec = "", protocolError = "", fullQueue = "", expired = ""] = IDS;
  const first = await connectRelay(takeover);
  const closed = isClosed(first);
  await connectRelay(takeover);
  await closed;

  const acknowledging = await connectRelay(pubrec);
  acknowledging.stream.write(UNKNOWN_PUBREC);
  await acknowledging.subscribeAsync("flush");

  const confused = await connectRelay(protocolError);
  const disconnected = isClosed(confused);
  confused.stream.write(SECOND_CONNECT);
  await disconnected;

  await fillQueue(fullQueue);
  expect(await countQueued(fullQueue)).toBe(MAX_QUEUED);

  const watcher = await connectRelay("watcher");
  let expiredClients = 0;
  watcher.on("message", (_topic, payload) => (expiredClients = Number(payload.toString())));
  await watcher.subscribeAsync(EXPIRED_TOPIC);
  await (await connectRelay(expired, 1)).endAsync();
  await expect.poll(() => expiredClients, { timeout: 15_000 }).toBeGreaterThan(0);
};

const readLog = (): Promise<string> => readFile(join(pathsOf(home).logs, "broker.log"), "utf8");

it("are not logged on a takeover, an error, a full queue or an expired session", { timeout: 60_000 }, async () => {
  await start("");
  await causeEvents();
  await broker.stop();
  const log = await readLog();
  for (const id of IDS) expect(log).not.toContain(id);
});

it("would be logged by each of these events with more log types", { timeout: 60_000 }, async () => {
  await start("log_type warning\nlog_type notice\nconnection_messages true\n");
  await causeEvents();
  await broker.stop();
  const log = await readLog();
  expect(log).toContain("Client secret-takeover already connected");
  expect(log).toContain("Received PUBREC from secret-unknown-pubrec for an unknown packet");
  expect(log).toContain("Outgoing messages are being dropped for client secret-full-queue");
  expect(log).toContain("Expiring client secret-expired");
  expect(log).toContain("secret-protocol-error");
});
