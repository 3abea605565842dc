/**
 * No listener accepts QoS 2: the broker would keep each message until PUBREL, outside of the limits of the queue. Only flutter_logs apps
 * may use it, on their listener.
 */
import { readFile, rm } from "node:fs/promises";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { logsTopic, RELAY_USERNAME, userFilter } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { DEMO_APP } from "../../../stack/lib/secrets.ts";
import { LISTENER_NAMES, toListenerUrls, type ListenerName } from "../../../stack/services/listeners.ts";
import { reloadBroker } from "./support/reload-broker.ts";

/** Reason code of MQTT 5. */
const QOS_NOT_SUPPORTED = 0x9b;

let home: string;
let broker: Broker;
/** Without legacy.conf. */
let strictHome: string;
let strict: Broker;
const clients: MqttClient[] = [];

beforeAll(async () => {
  home = await makeHome("qos");
  broker = await startBroker({ home });
  strictHome = await makeHome("qos-strict");
  strict = await startBroker({ home: strictHome, legacy: false });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});
afterAll(async () => {
  await Promise.all([broker?.stop(), strict?.stop()]);
  await Promise.all([home, strictHome].map((each) => rm(each, { recursive: true, force: true })));
});

const asApp = (to = broker): IClientOptions => ({
  clientId: "phone",
  username: DEMO_APP,
  password: to.secrets.appKey,
});

const connect = async (listener: ListenerName, options: IClientOptions, to = broker): Promise<MqttClient> => {
  const url = toListenerUrls(to.ports)[listener];
  const ca = await readFile(to.ca);
  const client = await mqtt.connectAsync(url, { ca, reconnectPeriod: 0, connectTimeout: 3_000, ...options }, false);
  client.on("error", () => undefined);
  clients.push(client);
  return client;
};

/** Records the payloads that the relay receives. */
const receiveAsRelay = async (from = broker): Promise<string[]> => {
  const login = { username: RELAY_USERNAME, password: from.secrets.relayPassword };
  const relay = await connect("mqtt", { protocolVersion: 5, ...login }, from);
  const payloads: string[] = [];
  relay.on("message", (_topic, payload) => payloads.push(payload.toString()));
  await relay.subscribeAsync([userFilter(DEMO_APP), "mqtt"], { qos: 1 });
  return payloads;
};

const reload = (of = broker): Promise<void> => reloadBroker(of, of === broker ? home : strictHome);

/** At SIGHUP, Mosquitto 2.0 resets the limits of its listeners if it is not started with start.sh. */
const ROWS = ["after the start", "after SIGHUP"].flatMap((when) =>
  LISTENER_NAMES.map((listener) => ({ listener, when })),
);

describe.each(ROWS)("the listener $listener $when", { timeout: 20_000 }, ({ listener, when }) => {
  let used: Broker;
  beforeAll(async () => {
    used = listener === "mqtts" ? strict : broker;
    if (when === "after SIGHUP") await reload(used);
  });

  const ofApp: readonly [string, () => IClientOptions, string] = [
    "of an app",
    () => asApp(used),
    logsTopic(DEMO_APP, "phone"),
  ];
  const ofFlutter: typeof ofApp = ["of flutter_logs without a user name", () => ({ clientId: "flutter" }), "mqtt"];
  it.each(listener === "mqtts" ? [ofApp] : [ofApp, ofFlutter])(
    "closes the connection of an MQTT 3.1.1 client %s that publishes with QoS 2",
    async (_, login, topic) => {
      const payloads = await receiveAsRelay(used);
      const client = await connect(listener, { protocolVersion: 4, ...login() }, used);
      const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
      client.publish(topic, "QoS 2", { qos: 2 });
      await closed;
      const other = await connect(listener, { protocolVersion: 4, ...login() }, used);
      await other.publishAsync(topic, "QoS 1", { qos: 1 });
      await expect.poll(() => payloads).toEqual(["QoS 1"]);
    },
  );

  it("reports Maximum QoS 1 to an MQTT 5 client, and disconnects it with a reason if it publishes with QoS 2", async () => {
    const connecting = mqtt.connect(toListenerUrls(used.ports)[listener], {
      ...asApp(used),
      protocolVersion: 5,
      ca: await readFile(used.ca),
      reconnectPeriod: 0,
    });
    clients.push(connecting);
    connecting.on("error", () => undefined);
    const maximumQoS = await new Promise((resolve) => {
      connecting.once("connect", (connack) => resolve(connack.properties?.maximumQoS));
    });
    expect(maximumQoS).toBe(1);
    const reasonCode = new Promise((resolve) => connecting.once("disconnect", (packet) => resolve(packet.reasonCode)));
    connecting.publish(logsTopic(DEMO_APP, "phone"), "QoS 2", { qos: 2 });
    expect(await reasonCode).toBe(QOS_NOT_SUPPORTED);
  });

  it("refuses a will with QoS 2", async () => {
    const will = { topic: logsTopic(DEMO_APP, "phone"), payload: Buffer.from("will"), qos: 2 as const, retain: false };
    await expect(connect(listener, { protocolVersion: 5, ...asApp(used), will }, used)).rejects.toMatchObject({
      code: QOS_NOT_SUPPORTED,
    });
  });

  it("grants QoS 1 for a subscription with QoS 2", async () => {
    const client = await connect(listener, { protocolVersion: 5, ...asApp(used) }, used);
    expect(await client.subscribeAsync("receipts/demo/phone", { qos: 2 })).toMatchObject([{ qos: 1 }]);
  });
});

it.each(["after the start", "after SIGHUP"])(
  "flutter_logs apps may have QoS 2 over TLS %s, with legacy.conf",
  async (when) => {
    if (when === "after SIGHUP") await reload();
    const payloads = await receiveAsRelay();
    const phone = await connect("mqtts", { protocolVersion: 4, clientId: "flutter" });
    await phone.publishAsync("mqtt", "QoS 2", { qos: 2 });
    await expect.poll(() => payloads).toEqual(["QoS 2"]);
  },
);
