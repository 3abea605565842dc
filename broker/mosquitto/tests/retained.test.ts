/** Existing flutter_logs apps with the option `retained: true`. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { LEGACY_TOPIC, RELAY_USERNAME } from "#contract/wire/topics.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";

let home: string;
let broker: Broker;
const clients: MqttClient[] = [];

const track = (client: MqttClient): MqttClient => {
  client.on("error", () => undefined);
  clients.push(client);
  return client;
};

/** As flutter_logs connects: MQTT 3.1.1, no user name. */
const connectApp = async (): Promise<MqttClient> =>
  track(await mqtt.connectAsync(broker.mqttUrl, { protocolVersion: 4, reconnectPeriod: 0, clientId: "flutter" }));

/** Records the payloads that the relay receives. Subscribes like the relay, without retained messages. */
const receiveAsRelay = async (): Promise<string[]> => {
  const relay = track(
    await mqtt.connectAsync(broker.mqttUrl, {
      protocolVersion: 5,
      username: RELAY_USERNAME,
      password: broker.secrets.relayPassword,
    }),
  );
  const payloads: string[] = [];
  relay.on("message", (_topic, payload) => payloads.push(payload.toString()));
  await relay.subscribeAsync(LEGACY_TOPIC, { qos: 1, rh: 2 });
  return payloads;
};

beforeAll(async () => {
  home = await mkdtemp(join(process.env["EDGELOG_TEST_HOME"] ?? tmpdir(), "retained-"));
  broker = await startBroker({ home });
});

afterEach(() => Promise.all(clients.splice(0).map((client) => client.endAsync(true))));

afterAll(async () => {
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

it("are disconnected with the default configuration", async () => {
  const payloads = await receiveAsRelay();
  const app = await connectApp();
  const closed = new Promise<void>((resolve) => app.once("close", () => resolve()));
  app.publish(LEGACY_TOPIC, "retained", { qos: 0, retain: true });
  await closed;
  const other = await connectApp();
  await other.publishAsync(LEGACY_TOPIC, "not retained", { qos: 1 });
  await expect.poll(() => payloads).toEqual(["not retained"]);
});

it("are accepted with the last line of legacy.conf.example", async () => {
  const path = join(pathsOf(home).mosquitto, "conf.d", "legacy.conf");
  const example = await readFile(path, "utf8");
  expect(example).toMatch(/^# retain_available true$/m);
  await broker.stop();
  await writeFile(path, example.replace(/^# (retain_available true)$/m, "$1"));
  await broker.start();

  const payloads = await receiveAsRelay();
  const app = await connectApp();
  await app.publishAsync(LEGACY_TOPIC, "first", { qos: 1, retain: true });
  await app.publishAsync(LEGACY_TOPIC, "second", { qos: 1, retain: true });
  await expect.poll(() => payloads).toEqual(["first", "second"]);
  // A relay that starts later does not receive the retained message a second time.
  const later = await receiveAsRelay();
  await app.publishAsync(LEGACY_TOPIC, "third", { qos: 1, retain: true });
  await expect.poll(() => later).toEqual(["third"]);
});
