/** The broker must start although a full disk has left an incomplete file of saved sessions. */
import { rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";

let home: string;
let broker: Broker;
beforeAll(async () => {
  home = await makeHome("edgelog-incomplete");
  broker = await startBroker({ home });
});
afterAll(async () => {
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

it("starts without the incomplete sessions and keeps the file under another name", async () => {
  const { relayClientId, relayPassword } = broker.secrets;
  const client = await mqtt.connectAsync(broker.mqttUrl, {
    clientId: relayClientId,
    username: RELAY_USERNAME,
    password: relayPassword,
    clean: false,
  });
  await client.subscribeAsync("logs/#", { qos: 1 });
  await client.endAsync();
  await broker.stop();
  const saved = join(pathsOf(home).mosquitto, "data", "mosquitto.db");
  const { size } = await stat(saved);
  await truncate(saved, Math.floor(size * 0.7));

  await broker.start();

  const reconnected = await mqtt.connectAsync(broker.mqttUrl, { username: "demo", password: broker.secrets.appKey });
  expect(reconnected.connected).toBe(true);
  await reconnected.endAsync();
  expect((await stat(`${saved}.unreadable`)).size).toBe(Math.floor(size * 0.7));
});
