/** The backup of the broker's files, as docs/operate/backup.md describes it: save, copy, loss of the directory, restoration. */
import { execFileSync } from "node:child_process";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import mqtt, { type IClientOptions } from "mqtt";
import { afterAll, beforeAll, expect, it } from "vitest";
import { logsTopic, RELAY_USERNAME } from "#contract/wire/topics.ts";
import { makeHome } from "../../../tests/support/make-home.ts";
import { pathsOf } from "../../../stack/lib/state-dir.ts";
import { DEMO_APP } from "../../../stack/lib/secrets.ts";
import { startBroker, type Broker } from "../../../stack/services/broker.ts";

let home: string;
let broker: Broker;
beforeAll(async () => {
  home = await makeHome("edgelog-broker-backup");
  broker = await startBroker({ home });
});
afterAll(async () => {
  await broker?.stop();
  await rm(home, { recursive: true, force: true });
});

const relay = (): IClientOptions => ({
  protocolVersion: 5,
  clientId: broker.secrets.relayClientId,
  username: RELAY_USERNAME,
  password: broker.secrets.relayPassword,
  clean: false,
  properties: { sessionExpiryInterval: 3_600 },
});

it("restores the sessions with their messages, the users and the certificates", { timeout: 120_000 }, async () => {
  const { mosquitto } = pathsOf(home);
  const session = await mqtt.connectAsync(broker.mqttUrl, relay());
  await session.subscribeAsync("logs/#", { qos: 1 });
  await session.endAsync();
  const app = { clientId: "phone-1", username: DEMO_APP, password: broker.secrets.appKey };
  const phone = await mqtt.connectAsync(broker.mqttUrl, app);
  const bodies = Array.from({ length: 50 }, (_, i) => `message ${i}`);
  for (const body of bodies) await phone.publishAsync(logsTopic(DEMO_APP, "phone-1"), body, { qos: 1 });
  await phone.endAsync();

  const saved = join(mosquitto, "data", "mosquitto.db");
  broker.save();
  await expect.poll(async () => (await stat(saved).catch(() => undefined))?.size ?? 0).toBeGreaterThan(1_000);
  const archive = join(home, "broker.tgz");
  execFileSync("tar", ["-C", mosquitto, "-czf", archive, "."]);

  await broker.stop();
  await rm(mosquitto, { recursive: true });
  execFileSync("sh", ["-c", 'mkdir -m 700 "$1" && tar -C "$1" -xzf "$2"', "sh", mosquitto, archive]);
  await broker.start();

  const received: string[] = [];
  const restored = mqtt.connect(broker.mqttUrl, relay());
  restored.on("message", (_, payload) => received.push(payload.toString()));
  await expect.poll(() => received.length, { timeout: 20_000 }).toBe(bodies.length);
  expect(received).toEqual(bodies);
  await restored.endAsync();
  const again = await mqtt.connectAsync(broker.mqttUrl, app);
  expect(again.connected).toBe(true);
  await again.endAsync();
});
