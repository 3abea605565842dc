/**
 * The ACL and the queueing rules of mosquitto.conf against the real broker. A subscription always succeeds there, so what
 * counts is what is delivered.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";

/** Longer than a message takes through a broker on the same machine, many times over. */
const SETTLE_MS = 250;

let home: string;
let broker: Broker;
const clients: MqttClient[] = [];

const connect = async (options: IClientOptions): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(broker.mqttUrl, {
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: 3_000,
    ...options,
  });
  clients.push(client);
  return client;
};

const asRelayOptions = (): IClientOptions => ({
  protocolVersion: 5,
  reconnectPeriod: 0,
  username: RELAY_USERNAME,
  password: broker.secrets.relayPassword,
  clientId: "relay",
});
const asRelay = (options: IClientOptions = {}): Promise<MqttClient> => connect({ ...asRelayOptions(), ...options });
const asDemo = (clientId: string, options: IClientOptions = {}): Promise<MqttClient> =>
  connect({ username: "demo", password: broker.secrets.appKey, clientId, ...options });
const asNobody = (clientId: string): Promise<MqttClient> => connect({ clientId });

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

interface Got {
  readonly topics: string[];
  readonly qos: number[];
}

const listen = (client: MqttClient): Got => {
  const got: Got = { topics: [], qos: [] };
  client.on("message", (topic, _payload, packet) => {
    got.topics.push(topic);
    got.qos.push(packet.qos);
  });
  return got;
};

/** Subscribes, and collects what is delivered. */
const collect = async (client: MqttClient, filters: string[]): Promise<Got> => {
  const got = listen(client);
  await client.subscribeAsync(filters, { qos: 1 });
  return got;
};

const publish = (client: MqttClient, topic: string, qos: 0 | 1 = 1): Promise<unknown> =>
  client.publishAsync(topic, "x", { qos }).catch((error: unknown) => error);

beforeAll(async () => {
  home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "acl-"));
  broker = await startBroker({ home });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});

afterAll(async () => {
  await broker.stop();
  await rm(home, { recursive: true, force: true });
});

describe("who may publish where", () => {
  it.each([
    { who: "an app's client", as: () => asDemo("phone"), topic: "logs/demo/phone", isDelivered: true },
    { who: "an app's client", as: () => asDemo("phone"), topic: "logs/demo/other", isDelivered: false },
    { who: "an app's client", as: () => asDemo("phone"), topic: "logs/other/phone", isDelivered: false },
    { who: "an app's client", as: () => asDemo("phone"), topic: "logs/demo", isDelivered: false },
    { who: "an app's client", as: () => asDemo("phone"), topic: "mqtt", isDelivered: false },
    { who: "a client without a name", as: () => asNobody("old"), topic: "mqtt", isDelivered: true },
    { who: "a client without a name", as: () => asNobody("old"), topic: "logs/demo/old", isDelivered: false },
    { who: "a client without a name", as: () => asNobody("old"), topic: "logs//old", isDelivered: false },
  ])("$who to $topic: $isDelivered", async ({ as, topic, isDelivered }) => {
    const got = await collect(await asRelay(), ["logs/#", "mqtt"]);
    await publish(await as(), topic);
    await settle();
    expect(got.topics).toEqual(isDelivered ? [topic] : []);
  });

  it("lets the relay answer every client, and nobody else", async () => {
    const got = await collect(await asDemo("phone"), ["receipts/demo/phone"]);
    await publish(await asDemo("evil"), "receipts/demo/phone");
    await publish(await asNobody("old"), "receipts/demo/phone");
    await settle();
    expect(got.topics).toEqual([]);
    await publish(await asRelay(), "receipts/demo/phone");
    await settle();
    expect(got.topics).toEqual(["receipts/demo/phone"]);
  });
});

describe("who may read what", () => {
  it.each([
    { who: "an app's client", as: () => asDemo("snoop") },
    { who: "a client without a name", as: () => asNobody("snoop") },
  ])("$who gets nothing of others, whatever it subscribes to", async ({ as }) => {
    const got = await collect(await as(), ["#", "$SYS/#", "logs/+/+", "mqtt", "receipts/#", "$share/relay/logs/+/+"]);
    await publish(await asDemo("phone"), "logs/demo/phone");
    await publish(await asNobody("old"), "mqtt");
    await publish(await asRelay(), "receipts/demo/phone");
    await settle();
    expect(got.topics).toEqual([]);
  });

  it("lets the relay take all logs by a shared subscription too", async () => {
    const got = await collect(await asRelay(), ["$share/relay/logs/+/+"]);
    await publish(await asDemo("phone"), "logs/demo/phone");
    await settle();
    expect(got.topics).toEqual(["logs/demo/phone"]);
  });

  it.each([
    { note: "a wrong key", options: { username: "demo", password: "elk_wrong", clientId: "phone" } },
    { note: "an unknown app", options: { username: "stranger", password: "elk_wrong", clientId: "phone" } },
    { note: "the relay's name without its password", options: { username: RELAY_USERNAME, clientId: "phone" } },
  ])("refuses $note", async ({ options }) => {
    await expect(connect(options)).rejects.toThrow(/not authorized/i);
  });
});

describe("what waits for a relay that is away", () => {
  it("keeps QoS 0 as QoS 1, in order", async () => {
    const session = { clean: false, clientId: "durable", properties: { sessionExpiryInterval: 3_600 } };
    const relay = await asRelay(session);
    await relay.subscribeAsync(["logs/+/+", "mqtt"], { qos: 1 });
    await relay.endAsync();
    await publish(await asNobody("old"), "mqtt", 0);
    await publish(await asDemo("phone"), "logs/demo/phone", 0);
    await settle();
    // What waited comes at once with the connection: listen first.
    const again = mqtt.connect(broker.mqttUrl, { ...asRelayOptions(), ...session });
    clients.push(again);
    const got = listen(again);
    await settle();
    expect(got).toEqual({ topics: ["mqtt", "logs/demo/phone"], qos: [1, 1] });
  });
});
