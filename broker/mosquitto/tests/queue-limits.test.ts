/** The size of the messages of one session that are in the broker. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MAX_MESSAGE_BYTES } from "#contract/wire/limits.ts";
import { BROKER_DROPPED_TOPIC, logsTopic, RELAY_USERNAME, userFilter } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { DEMO_APP } from "../../../stack/lib/secrets.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";

const MIB = 1_048_576;

/** `max_inflight_bytes` in mosquitto.conf. */
const IN_FLIGHT_MIB = 16;

/** A lower `max_queued_bytes` than in mosquitto.conf, so that the test needs less memory. */
const QUEUED_MIB = 8;

const MESSAGES = 40;

let home: string;
let broker: Broker;
const clients: MqttClient[] = [];

beforeAll(async () => {
  home = await makeHome("queue-limits");
  broker = await startBroker({ home });
  await broker.stop();
  const local = join(pathsOf(home).mosquitto, "conf.d", "limits.conf");
  await writeFile(local, `max_queued_bytes ${QUEUED_MIB * MIB}\nsys_interval 1\n`);
  await broker.start();
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

const connectRelay = async (clientId: string): Promise<MqttClient> => {
  const client = mqtt.connect(broker.mqttUrl, {
    manualConnect: true,
    protocolVersion: 5,
    clientId,
    clean: false,
    username: RELAY_USERNAME,
    password: broker.secrets.relayPassword,
    // Allows far more messages of the largest size than the broker may hold.
    properties: { receiveMaximum: 8_000, sessionExpiryInterval: 3_600 },
  });
  client.connect();
  await new Promise<void>((resolve, reject) => client.once("connect", () => resolve()).once("error", reject));
  clients.push(client);
  return client;
};

it("messages without PUBACK are limited in bytes, and the broker counts the messages that it drops", async () => {
  let dropped = 0;
  const status = await connectRelay("status");
  status.on("message", (topic, payload) => {
    if (topic === BROKER_DROPPED_TOPIC) dropped = Number(payload);
  });
  await status.subscribeAsync(BROKER_DROPPED_TOPIC);
  const relay = await connectRelay("relay");
  let received = 0;
  let acknowledgeFirst = (): void => undefined;
  relay.handleMessage = (_, done) => {
    received += 1;
    if (received === 1) acknowledgeFirst = done;
    else done();
  };
  await relay.subscribeAsync(userFilter(DEMO_APP), { qos: 1 });

  const publisher = await mqtt.connectAsync(broker.mqttUrl, {
    clientId: "large",
    username: DEMO_APP,
    password: broker.secrets.appKey,
  });
  clients.push(publisher);
  const payload = Buffer.alloc(MAX_MESSAGE_BYTES, "x");
  for (let i = 0; i < MESSAGES; i += 1) {
    await publisher.publishAsync(logsTopic(DEMO_APP, "large"), payload, { qos: 1 });
  }
  // The relay has read one message, and acknowledges none until now.
  await expect.poll(() => dropped).toBe(MESSAGES - IN_FLIGHT_MIB - QUEUED_MIB);
  acknowledgeFirst();
  await expect.poll(() => received).toBe(IN_FLIGHT_MIB + QUEUED_MIB);
});
