/** Publishes one event and waits for its receipt: all messages that the broker queued before it are then handled. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChaosStack } from "./chaos-stack.ts";
import { startReceiptClient } from "./clients/mqtt-clients.ts";

const DEADLINE_MS = 120_000;

/** Gives up after 120 s: the rows of the table then show the events that are missing. */
export const sendMarker = async ({ stack, clock }: ChaosStack): Promise<void> => {
  const { app, mqtt, worker } = stack.file;
  const client = await startReceiptClient({ mqttUrl: mqtt, httpUrl: worker, app: app.id, key: app.key, clock });
  client.send(["marker/0"]);
  const deadline = new AbortController();
  await Promise.race([
    client.waitUntilSettled(),
    sleep(DEADLINE_MS, undefined, { signal: deadline.signal }).catch(() => undefined),
  ]);
  deadline.abort();
  await client.stop();
};
