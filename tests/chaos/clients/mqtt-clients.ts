/**
 * MQTT clients with different delivery guarantees: receipts, PUBACK only (QoS 1), or none (QoS 0).
 */
import mqtt, { type IClientOptions } from "mqtt";
import { v7 as uuidv7 } from "uuid";
import type { Receipt } from "#contract/wire/receipt.ts";
import { LEGACY_TOPIC, logsTopic, receiptsTopic } from "#contract/wire/topics.ts";
import { toBatch, toEvents, type ChaosClient, type Target } from "./chaos-client.ts";

const RECONNECT_MS = 200;
const RESEND_DELAY_MS = 3_000;
/** The resend delay grows until a receipt arrives, so resends do not multiply the queue during an outage. */
const MAX_RESEND_DELAY_MS = 60_000;
const POLL_MS = 50;
/** How long a client without receipts waits for the last PUBACKs. */
const PUBACK_TIMEOUT_MS = 20_000;

const COMMON = {
  reconnectPeriod: RECONNECT_MS,
  connectTimeout: 3_000,
  keepalive: 5,
  writeCache: false,
} satisfies IClientOptions;

const waitUntil = async (isDone: () => boolean, timeoutMs = Number.POSITIVE_INFINITY): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!isDone() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
};

/** MQTT 5 with an in-memory outbox. Events are deleted on their receipt, and resent after a reconnect or a delay. */
export const startReceiptClient = async (target: Target): Promise<ChaosClient> => {
  const { mqttUrl, app, key } = target;
  const clientId = `receipts-${uuidv7()}`;
  const client = mqtt.connect(mqttUrl, { ...COMMON, protocolVersion: 5, clientId, username: app, password: key });
  const topic = receiptsTopic(app, clientId);
  const outbox = new Map<string, { readonly text: string; readonly keys: readonly string[] }>();
  let accounted = 0;
  let resendDelayMs = RESEND_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;
  const publish = (id: string, text: string): void => {
    if (!client.connected) return;
    const properties = { responseTopic: topic, correlationData: Buffer.from(id) };
    client.publish(logsTopic(app, clientId), text, { qos: 1, properties }, () => undefined);
  };
  const publishAll = (): void => {
    for (const [id, { text }] of outbox) publish(id, text);
  };
  const resendLater = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      resendDelayMs = Math.min(resendDelayMs * 2, MAX_RESEND_DELAY_MS);
      publishAll();
      resendLater();
    }, resendDelayMs);
  };
  resendLater();
  client.on("error", () => undefined);
  client.on("connect", () => client.subscribe(topic, { qos: 1 }, publishAll));
  client.on("message", (_, payload, packet) => {
    const receipt = JSON.parse(payload.toString()) as Receipt;
    const id = packet.properties?.correlationData?.toString();
    if (id === undefined || receipt.unfinished !== undefined) return;
    const keys = outbox.get(id)?.keys ?? [];
    if (outbox.delete(id)) target.onReceipt?.(keys);
    accounted += keys.length;
    if (resendDelayMs === RESEND_DELAY_MS) return;
    resendDelayMs = RESEND_DELAY_MS;
    resendLater();
  });
  return {
    name: "mqtt5 receipts",
    hasReceipts: true,
    hasIds: true,
    send(keys) {
      const { id, text } = toBatch(keys, target);
      outbox.set(id, { text, keys });
      publish(id, text);
    },
    waitUntilSettled: () => waitUntil(() => outbox.size === 0),
    countSettled: () => accounted,
    async stop() {
      clearTimeout(timer);
      await client.endAsync(true);
    },
  };
};

/** MQTT 3.1.1, QoS 1, events with ids. Events are deleted on the PUBACK. */
export const startQos1Client = async (target: Target): Promise<ChaosClient> => {
  const { mqttUrl, app, key } = target;
  const clientId = `qos1-${uuidv7()}`;
  const client = mqtt.connect(mqttUrl, {
    ...COMMON,
    protocolVersion: 4,
    clientId,
    clean: false,
    username: app,
    password: key,
  });
  client.on("error", () => undefined);
  let open = 0;
  return {
    name: "mqtt3 qos 1",
    hasReceipts: false,
    hasIds: true,
    send(keys) {
      open += 1;
      client.publish(logsTopic(app, clientId), toBatch(keys, target).text, { qos: 1 }, () => (open -= 1));
    },
    waitUntilSettled: () => waitUntil(() => open === 0, PUBACK_TIMEOUT_MS),
    stop: () => client.endAsync(true),
  };
};

/** Like flutter_logs: MQTT 3.1.1, QoS 0, without credentials and ids, one event per message. */
export const startLegacyClient = async (target: Target): Promise<ChaosClient> => {
  const { mqttUrl } = target;
  const client = mqtt.connect(mqttUrl, { ...COMMON, protocolVersion: 4, clientId: `legacy-${uuidv7()}` });
  client.on("error", () => undefined);
  return {
    name: "mqtt3 qos 0",
    hasReceipts: false,
    hasIds: false,
    send(keys) {
      for (const event of toEvents(keys, undefined)) client.publish(LEGACY_TOPIC, JSON.stringify(event), { qos: 0 });
    },
    waitUntilSettled: async () => undefined,
    stop: () => client.endAsync(),
  };
};
