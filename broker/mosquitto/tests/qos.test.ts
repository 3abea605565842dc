/** No listener accepts QoS 2: the broker would keep each message until PUBREL, outside of the limits of the queue. */
import { appendFile, readFile, rm } from "node:fs/promises";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { logsTopic, RELAY_USERNAME, userFilter } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { waitFor } from "../../../tests/support/wait-for.ts";
import { hashPassword } from "../../../stack/apps/password-file.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { DEMO_APP } from "../../../stack/lib/secrets.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";
import { LISTENER_NAMES, toListenerUrls, type ListenerName } from "../../../stack/services/listeners.ts";

/** Reason code of MQTT 5. */
const QOS_NOT_SUPPORTED = 0x9b;

let home: string;
let broker: Broker;
const clients: MqttClient[] = [];

beforeAll(async () => {
  home = await makeHome("qos");
  broker = await startBroker({ home });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
});
afterAll(async () => {
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

const asApp = (): IClientOptions => ({ clientId: "phone", username: DEMO_APP, password: broker.secrets.appKey });

const connect = async (listener: ListenerName, options: IClientOptions): Promise<MqttClient> => {
  const url = toListenerUrls(broker.ports)[listener];
  const ca = await readFile(broker.ca);
  const client = await mqtt.connectAsync(url, { ca, reconnectPeriod: 0, connectTimeout: 3_000, ...options }, false);
  client.on("error", () => undefined);
  clients.push(client);
  return client;
};

/** Records the payloads that the relay receives. */
const receiveAsRelay = async (): Promise<string[]> => {
  const login = { username: RELAY_USERNAME, password: broker.secrets.relayPassword };
  const relay = await connect("mqtt", { protocolVersion: 5, ...login });
  const payloads: string[] = [];
  relay.on("message", (_topic, payload) => payloads.push(payload.toString()));
  await relay.subscribeAsync([userFilter(DEMO_APP), "mqtt"], { qos: 1 });
  return payloads;
};

/** Adds a user, and waits until the broker accepts it. */
const reload = async (): Promise<void> => {
  const { passwords } = pathsOf(home);
  await appendFile(passwords, `reloaded:${hashPassword("reloaded")}\n`);
  broker.kill("SIGHUP");
  const login = { clientId: "reloaded", username: "reloaded", password: "reloaded" };
  const isAccepted = (): Promise<boolean> =>
    connect("mqtt", login).then(
      () => true,
      () => false,
    );
  await waitFor("the new user", isAccepted);
};

/** At SIGHUP, Mosquitto 2.0 resets the limits of its listeners if it is not started with start.sh. */
const ROWS = ["after the start", "after SIGHUP"].flatMap((when) =>
  LISTENER_NAMES.map((listener) => ({ listener, when })),
);

describe.each(ROWS)("the listener $listener $when", { timeout: 20_000 }, ({ listener, when }) => {
  beforeAll(async () => {
    if (when === "after SIGHUP") await reload();
  });

  it.each([
    ["of an app", asApp, logsTopic(DEMO_APP, "phone")],
    ["of flutter_logs without a user name", () => ({ clientId: "flutter" }), "mqtt"],
  ])("closes the connection of an MQTT 3.1.1 client %s that publishes with QoS 2", async (_, login, topic) => {
    const payloads = await receiveAsRelay();
    const client = await connect(listener, { protocolVersion: 4, ...login() });
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    client.publish(topic, "QoS 2", { qos: 2 });
    await closed;
    const other = await connect(listener, { protocolVersion: 4, ...login() });
    await other.publishAsync(topic, "QoS 1", { qos: 1 });
    await expect.poll(() => payloads).toEqual(["QoS 1"]);
  });

  it("reports Maximum QoS 1 to an MQTT 5 client, and disconnects it with a reason if it publishes with QoS 2", async () => {
    const connecting = mqtt.connect(toListenerUrls(broker.ports)[listener], {
      ...asApp(),
      protocolVersion: 5,
      ca: await readFile(broker.ca),
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
    await expect(connect(listener, { protocolVersion: 5, ...asApp(), will })).rejects.toMatchObject({
      code: QOS_NOT_SUPPORTED,
    });
  });

  it("grants QoS 1 for a subscription with QoS 2", async () => {
    const client = await connect(listener, { protocolVersion: 5, ...asApp() });
    expect(await client.subscribeAsync("receipts/demo/phone", { qos: 2 })).toMatchObject([{ qos: 1 }]);
  });
});
