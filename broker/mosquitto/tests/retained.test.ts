/** Retained messages and wills: existing flutter_logs apps with the option `retained: true`. */
import { rm } from "node:fs/promises";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, expect, it } from "vitest";
import { LEGACY_TOPIC, RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";

let home: string;
let broker: Broker;
const clients: MqttClient[] = [];

const start = async (legacy: boolean): Promise<void> => {
  home = await makeHome("retained");
  broker = await startBroker({ home, legacy });
};

const connect = async (options: IClientOptions): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(broker.mqttUrl, { reconnectPeriod: 0, ...options }, false);
  client.on("error", () => undefined);
  clients.push(client);
  return client;
};

/** As flutter_logs connects: MQTT 3.1.1, no user name. */
const connectApp = (options: IClientOptions = {}): Promise<MqttClient> =>
  connect({ protocolVersion: 4, clientId: "flutter", ...options });

const connectKeyed = (options: IClientOptions = {}): Promise<MqttClient> =>
  connect({
    protocolVersion: 5,
    clientId: "phone",
    username: "demo",
    password: broker.secrets.appKey,
    ...options,
  });

/** Records the payloads that the relay receives. Subscribes like the relay, without retained messages. */
const receiveAsRelay = async (): Promise<string[]> => {
  const relay = await connect({
    protocolVersion: 5,
    username: RELAY_USERNAME,
    password: broker.secrets.relayPassword,
  });
  const payloads: string[] = [];
  relay.on("message", (_topic, payload, { retain }) =>
    payloads.push(`${payload.toString()}${retain ? " (retained)" : ""}`),
  );
  await relay.subscribeAsync(["logs/#", LEGACY_TOPIC], { qos: 1, rh: 2, rap: true });
  return payloads;
};

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

it("are refused without legacy.conf: the client is disconnected, and its will is refused with its connection", async () => {
  await start(false);
  const payloads = await receiveAsRelay();
  const app = await connectKeyed();
  const closed = new Promise<void>((resolve) => app.once("close", () => resolve()));
  app.publish("logs/demo/phone", "retained", { qos: 0, retain: true });
  await closed;
  const will = { topic: "logs/demo/phone", payload: Buffer.from("will"), qos: 1 as const, retain: true };
  await expect(connectKeyed({ will })).rejects.toThrow(/retain/i);
  await expect(connectKeyed({ clientId: "" })).rejects.toThrow(/connection refused/i);
  const other = await connectKeyed();
  await other.publishAsync("logs/demo/phone", "not retained", { qos: 1 });
  await expect.poll(() => payloads).toEqual(["not retained"]);
});

it("are delivered once with legacy.conf, and wills too", async () => {
  await start(true);
  const payloads = await receiveAsRelay();
  const will = { topic: LEGACY_TOPIC, payload: Buffer.from("will"), qos: 1 as const, retain: true };
  const app = await connectApp({ will });
  await app.publishAsync(LEGACY_TOPIC, "first", { qos: 0, retain: true });
  await app.publishAsync(LEGACY_TOPIC, "second", { qos: 1, retain: true });
  app.stream.destroy();
  await expect.poll(() => payloads).toEqual(["first (retained)", "second (retained)", "will (retained)"]);
  // A relay that starts later does not receive the retained message a second time.
  const later = await receiveAsRelay();
  await (await connectApp({ clientId: "other" })).publishAsync(LEGACY_TOPIC, "third", { qos: 1, retain: true });
  await expect.poll(() => later).toEqual(["third (retained)"]);
});
