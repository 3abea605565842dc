/**
 * Publishes many events as fast as the broker acknowledges them: QoS 1, with ids, without receipts.
 */
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { logsTopic } from "#contract/wire/topics.ts";
import type { ChaosStack } from "./chaos-stack.ts";
import { toBatch, type Target } from "./clients/chaos-client.ts";

/** Concurrent messages to the broker. */
const WINDOW = 1_000;

export interface FillOptions {
  readonly prefix: string;
  readonly eventsPerMessage: number;
  /** Called before each window. Returns the maximum number of events in it, or 0 to stop. */
  readonly next: (sent: number) => Promise<number> | number;
}

/** Resolves with the keys of all acknowledged events. */
export const fillBroker = async (
  chaos: ChaosStack,
  { prefix, eventsPerMessage, next }: FillOptions,
): Promise<string[]> => {
  const { app, mqtt: mqttUrl, worker: httpUrl } = chaos.stack.file;
  const clientId = `fill-${uuidv7()}`;
  const client = await mqtt.connectAsync(mqttUrl, { clientId, username: app.id, password: app.key });
  const target: Target = { mqttUrl, httpUrl, app: app.id, key: app.key, clock: chaos.clock };
  const keys: string[] = [];
  for (let wanted = await next(0); wanted > 0; wanted = await next(keys.length)) {
    const end = keys.length + Math.min(wanted, WINDOW * eventsPerMessage);
    const window: Promise<unknown>[] = [];
    while (keys.length < end) {
      const batch = Array.from({ length: eventsPerMessage }, (_, i) => `${prefix}${keys.length + i}`);
      keys.push(...batch);
      window.push(client.publishAsync(logsTopic(app.id, clientId), toBatch(batch, target).text, { qos: 1 }));
    }
    await Promise.all(window);
  }
  await client.endAsync();
  return keys;
};
