/**
 * MQTT clients by what they know of the fate of a log: a receipt, the broker's PUBACK, or nothing.
 */
import mqtt, { type IClientOptions } from "mqtt";
import { v7 as uuidv7 } from "uuid";
import type { Receipt } from "#contract/wire/receipt.ts";
import { LEGACY_TOPIC, logsTopic, receiptsTopic } from "#contract/wire/topics.ts";
import { toBatch, toEvents, type ChaosClient, type Target } from "./chaos-client.ts";

const RECONNECT_MS = 200;
const RESEND_MS = 3_000;
/** Sending again while OpenSearch is away must not multiply what waits in the broker: patience grows until a receipt. */
const LONGEST_RESEND_MS = 60_000;
const POLL_MS = 50;
/** What a client without receipts waits for the broker's last acknowledgements. */
const PUBACK_PATIENCE_MS = 20_000;

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

/** MQTT 5, an outbox in memory: an event leaves it with its receipt; sent again after a reconnect and after a while. */
export const startReceiptClient = async (target: Target): Promise<ChaosClient> => {
  const { mqttUrl, app, key } = target;
  const clientId = `receipts-${uuidv7()}`;
  const client = mqtt.connect(mqttUrl, { ...COMMON, protocolVersion: 5, clientId, username: app, password: key });
  const topic = receiptsTopic(app, clientId);
  const outbox = new Map<string, { readonly text: string; readonly events: number }>();
  let accounted = 0;
  let patienceMs = RESEND_MS;
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
      patienceMs = Math.min(patienceMs * 2, LONGEST_RESEND_MS);
      publishAll();
      resendLater();
    }, patienceMs);
  };
  resendLater();
  client.on("error", () => undefined);
  client.on("connect", () => client.subscribe(topic, { qos: 1 }, publishAll));
  client.on("message", (_, payload, packet) => {
    const receipt = JSON.parse(payload.toString()) as Receipt;
    const id = packet.properties?.correlationData?.toString();
    if (id === undefined || receipt.unfinished !== undefined) return;
    accounted += outbox.get(id)?.events ?? 0;
    outbox.delete(id);
    patienceMs = RESEND_MS;
  });
  return {
    name: "mqtt5 receipts",
    hasReceipts: true,
    hasIds: true,
    send(keys) {
      const { id, text } = toBatch(keys, target);
      outbox.set(id, { text, events: keys.length });
      publish(id, text);
    },
    settled: () => waitUntil(() => outbox.size === 0),
    accountedFor: () => accounted,
    async stop() {
      clearTimeout(timer);
      await client.endAsync(true);
    },
  };
};

/** MQTT 3.1.1, QoS 1, events with ids: forgets a log with the broker's PUBACK. */
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
    settled: () => waitUntil(() => open === 0, PUBACK_PATIENCE_MS),
    stop: () => client.endAsync(true),
  };
};

/** As flutter_logs sends: MQTT 3.1.1, QoS 0, no credentials, no ids, one log a message. */
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
    settled: async () => undefined,
    stop: () => client.endAsync(),
  };
};
