/**
 * The web client in Node with each transport: mqtt, http, and auto, which uses HTTP until MQTT is connected.
 */
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";
import type { TransportMode } from "../../../web-client/logger/send/link.ts";
import { createLogger } from "../../../web-client/logger/index.ts";
import { KEY_ATTRIBUTE, type ChaosClient, type Target } from "./chaos-client.ts";

/** Shorter timeouts than the defaults, because a fault lasts only seconds. */
const TUNING = {
  connectTimeoutMs: 3_000,
  requestTimeoutMs: 5_000,
  receiptTimeoutMs: 3_000,
  maxReceiptTimeoutMs: 60_000,
  retryBaseMs: 100,
  maxRetryMs: 1_000,
  mqttRetryMs: 1_000,
  maxMqttRetryMs: 5_000,
};
const POLL_MS = 500;

const startWebClient =
  (transport: TransportMode) =>
  async ({ app, key, httpUrl, mqttUrl }: Target): Promise<ChaosClient> => {
    const log = createLogger({
      app,
      key,
      endpoint: httpUrl,
      mqttUrl,
      transport,
      fetch,
      connectMqtt: mqtt.connect,
      tuning: TUNING,
    });
    const ended = new Set<string>();
    const asked = new Set<string>();
    log.onSettled((settlements) => {
      for (const { id } of settlements) if (asked.has(id)) ended.add(id);
    });
    return {
      name: `web client ${transport}`,
      hasReceipts: true,
      hasIds: true,
      send(keys) {
        for (const one of keys) asked.add(log.info(`event ${one}`, { [KEY_ATTRIBUTE]: one }));
      },
      async waitUntilSettled() {
        while (ended.size < asked.size) {
          await log.flush(POLL_MS);
          await sleep(POLL_MS / 10);
        }
      },
      countSettled: () => ended.size,
      stop: () => log.close(),
    };
  };

export const startWebMqttClient = startWebClient("mqtt");
export const startWebHttpClient = startWebClient("http");
export const startWebAutoClient = startWebClient("auto");
