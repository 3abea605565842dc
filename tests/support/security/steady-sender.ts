/** A sender that publishes with QoS 1 and reads no receipts, so nothing is sent again. */
import { setTimeout as sleep } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import { startPublisher } from "../mqtt-publisher.ts";
import { startLoops } from "../start-loops.ts";
import type { TestStack } from "../test-stack.ts";

const PAUSE_MS = 20;

export interface SteadySender {
  /** The events that the broker has acknowledged, and the last one. */
  readonly ids: readonly string[];
  /** Resolves when the broker has acknowledged the last event. */
  stop(): Promise<void>;
}

/** Publishes an event with this body every 20 ms as the demo app. */
export const startSteadySender = async ({ file }: TestStack, body: string): Promise<SteadySender> => {
  const publisher = await startPublisher({ url: file.mqtt, app: file.app.id, key: file.app.key });
  const ids: string[] = [];
  const loops = startLoops(async () => {
    const id = uuidv7();
    ids.push(id);
    await publisher.publish(JSON.stringify({ id, body }));
    await sleep(PAUSE_MS);
  });
  return {
    ids,
    async stop() {
      await loops.stop();
      await publisher[Symbol.asyncDispose]();
    },
  };
};
