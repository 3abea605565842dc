/**
 * The ACL and the queue settings of mosquitto.conf on a real broker. Mosquitto accepts every subscription, so the tests check
 * which messages are delivered.
 */
import { rm } from "node:fs/promises";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";

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
const asAnonymous = (clientId: string): Promise<MqttClient> => connect({ clientId });

/**
 * Resolves after the client has received every message sent to it so far, and after the broker has processed every message of
 * the client: packets of a connection are processed and sent in order, and the SUBACK is the last of them.
 */
const flush = (client: MqttClient): Promise<unknown> => client.subscribeAsync("flush");

interface Received {
  readonly topics: string[];
  readonly qos: number[];
}

const recordMessages = (client: MqttClient): Received => {
  const received: Received = { topics: [], qos: [] };
  client.on("message", (topic, _payload, packet) => {
    received.topics.push(topic);
    received.qos.push(packet.qos);
  });
  return received;
};

/** Subscribes and records the delivered messages. */
const subscribe = async (client: MqttClient, filters: string[]): Promise<Received> => {
  const received = recordMessages(client);
  await client.subscribeAsync(filters, { qos: 1 });
  return received;
};

const publish = (client: MqttClient, topic: string, qos: 0 | 1 = 1): Promise<unknown> =>
  client.publishAsync(topic, "x", { qos }).catch((error: unknown) => error);

beforeAll(async () => {
  home = await makeHome("acl");
  broker = await startBroker({ home });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});

afterAll(async () => {
  await broker.stop();
  await rm(home, { recursive: true, force: true });
});

describe("publish permissions", () => {
  it.each([
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/demo/phone", isDelivered: true },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/demo/other", isDelivered: true },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/demo/phone/deep", isDelivered: true },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/demo/", isDelivered: true },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/demo", isDelivered: true },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/other/phone", isDelivered: false },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs", isDelivered: false },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/demo2/phone", isDelivered: false },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "logs/_relay/phone", isDelivered: false },
    { sender: "an app's client", as: () => asDemo("phone"), topic: "mqtt", isDelivered: false },
    { sender: "a client without a user name", as: () => asAnonymous("old"), topic: "mqtt", isDelivered: true },
    {
      sender: "a client without a user name",
      as: () => asAnonymous("old"),
      topic: "logs/demo/old",
      isDelivered: false,
    },
    { sender: "a client without a user name", as: () => asAnonymous("old"), topic: "logs//old", isDelivered: false },
  ])("$sender on $topic is delivered: $isDelivered", async ({ as, topic, isDelivered }) => {
    const relay = await asRelay();
    const received = await subscribe(relay, ["logs/#", "mqtt"]);
    await publish(await as(), topic);
    await flush(relay);
    expect(received.topics).toEqual(isDelivered ? [topic] : []);
  });

  it("allow only the relay to publish receipts", async () => {
    const phone = await asDemo("phone");
    const received = await subscribe(phone, ["receipts/demo/phone"]);
    await publish(await asDemo("evil"), "receipts/demo/phone");
    await publish(await asAnonymous("old"), "receipts/demo/phone");
    await flush(phone);
    expect(received.topics).toEqual([]);
    await publish(await asRelay(), "receipts/demo/phone");
    await flush(phone);
    expect(received.topics).toEqual(["receipts/demo/phone"]);
  });
});

describe("read permissions", () => {
  it("include the topics below a client's receipts topic", async () => {
    const phone = await asDemo("phone");
    const received = await subscribe(phone, ["receipts/demo/phone/#"]);
    const relay = await asRelay();
    for (const end of ["", "/deep", "/a/b"]) await publish(relay, `receipts/demo/phone${end}`);
    for (const topic of ["receipts/demo/phone2", "receipts/demo/other/deep"]) await publish(relay, topic);
    await flush(relay);
    await flush(phone);
    expect(received.topics).toEqual(["receipts/demo/phone", "receipts/demo/phone/deep", "receipts/demo/phone/a/b"]);
  });

  it.each([
    { reader: "an app's client", as: () => asDemo("snoop") },
    { reader: "a client without a user name", as: () => asAnonymous("snoop") },
  ])("$reader receives no messages of other clients, whatever it subscribes to", async ({ as }) => {
    const snoop = await as();
    const received = await subscribe(snoop, ["#", "$SYS/#", "logs/+/+", "mqtt", "receipts/#", "$share/relay/logs/+/+"]);
    await publish(await asDemo("phone"), "logs/demo/phone");
    await publish(await asAnonymous("old"), "mqtt");
    await publish(await asRelay(), "receipts/demo/phone");
    await flush(snoop);
    expect(received.topics).toEqual([]);
  });

  it("allow the relay to read all logs with a shared subscription", async () => {
    const relay = await asRelay();
    const received = await subscribe(relay, ["$share/relay/logs/+/+"]);
    await publish(await asDemo("phone"), "logs/demo/phone");
    await flush(relay);
    expect(received.topics).toEqual(["logs/demo/phone"]);
  });

  it.each([
    { note: "an invalid key", options: { username: "demo", password: "elk_wrong", clientId: "phone" } },
    { note: "an unknown app", options: { username: "stranger", password: "elk_wrong", clientId: "phone" } },
    { note: "the relay's name without its password", options: { username: RELAY_USERNAME, clientId: "phone" } },
  ])("reject a connection with $note", async ({ options }) => {
    await expect(connect(options)).rejects.toThrow(/not authorized/i);
  });
});

describe("messages for a disconnected relay", () => {
  it("are queued in order, QoS 0 as QoS 1", async () => {
    const session = { clean: false, clientId: "durable", properties: { sessionExpiryInterval: 3_600 } };
    const relay = await asRelay(session);
    await relay.subscribeAsync(["logs/+/+", "mqtt"], { qos: 1 });
    await relay.endAsync();
    const [old, phone] = [await asAnonymous("old"), await asDemo("phone")];
    await publish(old, "mqtt", 0);
    await flush(old);
    await publish(phone, "logs/demo/phone", 0);
    await flush(phone);
    // Queued messages arrive directly after CONNACK, so register the handler before connecting.
    const reconnected = mqtt.connect(broker.mqttUrl, { ...asRelayOptions(), ...session });
    clients.push(reconnected);
    const received = recordMessages(reconnected);
    await new Promise((resolve) => reconnected.once("connect", resolve));
    await flush(reconnected);
    expect(received).toEqual({ topics: ["mqtt", "logs/demo/phone"], qos: [1, 1] });
  });
});
