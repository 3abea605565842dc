/** Publishes messages at a constant rate, in a separate process. */
import { fileURLToPath } from "node:url";
import { execaNode } from "execa";
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { logsTopic, mqttUserOfKey } from "#contract/wire/topics.ts";
import { makePayload } from "./payload.ts";

const TICK_MS = 10;

export interface SteadyLoadOptions {
  /** URL of the broker. */
  readonly url: string;
  readonly app: string;
  readonly key: string;
  /** With one event each. */
  readonly messagesPerSecond: number;
}

const publish = async ({ url, app, key, messagesPerSecond }: SteadyLoadOptions): Promise<void> => {
  const clientId = `load-${uuidv7()}`;
  const username = mqttUserOfKey(app, key);
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, clientId, username, password: key });
  const topic = logsTopic(username, clientId);
  const started = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = ((performance.now() - started) / 1_000) * messagesPerSecond;
    for (; sent < due; sent += 1) client.publish(topic, makePayload(1, sent), { qos: 1 });
  }, TICK_MS);
  process.on("disconnect", () => process.exit());
  process.send?.("started");
};

export const startSteadyLoad = async (options: SteadyLoadOptions): Promise<AsyncDisposable> => {
  const args = [JSON.stringify(options)];
  const child = execaNode(fileURLToPath(import.meta.url), args, { ipc: true, reject: false, serialization: "json" });
  await child.getOneMessage();
  return {
    async [Symbol.asyncDispose]() {
      child.kill();
      await child;
    },
  };
};

if (import.meta.main) await publish(JSON.parse(process.argv[2] ?? "") as SteadyLoadOptions);
