/**
 * Hands a large number of events to the broker, as fast as it acknowledges them: QoS 1, ids, no receipts asked for.
 */
import mqtt from "mqtt";
import { v7 as uuidv7 } from "uuid";
import { logsTopic } from "#contract/wire/topics.ts";
import type { ChaosStack } from "./chaos-stack.ts";
import { toBatch, type Target } from "./clients/chaos-client.ts";

/** Messages under way to the broker at once. */
const WINDOW = 1_000;

export interface FillOptions {
  readonly prefix: string;
  readonly eventsAMessage: number;
  /** Asked before each window; says how many events it may have, 0 for the end. */
  readonly next: (handedOver: number) => Promise<number> | number;
}

/** Resolves with the keys of all events that the broker acknowledged. */
export const fillBroker = async (
  line: ChaosStack,
  { prefix, eventsAMessage, next }: FillOptions,
): Promise<string[]> => {
  const { app, mqtt: mqttUrl, worker: httpUrl } = line.stack.file;
  const clientId = `fill-${uuidv7()}`;
  const client = await mqtt.connectAsync(mqttUrl, { clientId, username: app.id, password: app.key });
  const target: Target = { mqttUrl, httpUrl, app: app.id, key: app.key, clock: line.clock };
  const keys: string[] = [];
  for (let wanted = await next(0); wanted > 0; wanted = await next(keys.length)) {
    const end = keys.length + Math.min(wanted, WINDOW * eventsAMessage);
    const window: Promise<unknown>[] = [];
    while (keys.length < end) {
      const batch = Array.from({ length: eventsAMessage }, (_, i) => `${prefix}${keys.length + i}`);
      keys.push(...batch);
      window.push(client.publishAsync(logsTopic(app.id, clientId), toBatch(batch, target).text, { qos: 1 }));
    }
    await Promise.all(window);
  }
  await client.endAsync();
  return keys;
};
