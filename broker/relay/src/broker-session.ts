/**
 * The relay's durable session at the broker. Only this file and manual-acks.ts use mqtt.js.
 *
 * Clean Start is false and the session never expires: the broker queues messages while the relay is disconnected. Messages
 * can arrive directly after CONNACK, so all handlers are registered before CONNECT is sent.
 */
import mqtt, { type MqttClient } from "mqtt";
import { MAX_PACKET_BYTES } from "#contract/wire/limits.ts";
import { BROKER_DROPPED_TOPIC, RELAY_TOPIC_FILTERS } from "#contract/wire/topics.ts";
import type { RelayConfig } from "./config.ts";
import type { Logger } from "./logger.ts";
import { useManualAcks, type IncomingPublish } from "./manual-acks.ts";
import type { PublishReceipt } from "./receipts.ts";

/** Session Expiry Interval of a session that never expires. MQTT 5, section 3.1.2.11.2. */
const NEVER_EXPIRES = 0xff_ff_ff_ff;
const RECONNECT_MS = 500;
const CONNECT_TIMEOUT_MS = 10_000;
/** Retain Handling 2: no retained messages, because they were delivered when they were published. Section 3.8.3.1. */
const NO_RETAINED = 2;

export interface BrokerSessionOptions {
  readonly config: RelayConfig["broker"];
  readonly logger: Logger;
  /** Called on CONNACK. */
  readonly onConnection: (isSessionPresent: boolean) => void;
  /** Nothing more is read from the broker while the returned promise is pending. */
  readonly onPublish: (publish: IncomingPublish) => Promise<void> | undefined;
  /** `messages`: number of messages that the broker has dropped since its start. */
  readonly onBrokerDropped: (messages: number) => void;
}

export interface BrokerSession {
  /** True while connected with a session that has all subscriptions. */
  readonly isReady: boolean;
  /** True while more messages are unacknowledged than Receive Maximum allows. Mosquitto before 2.0.13 ignores it. */
  readonly exceedsReceiveMaximum: boolean;
  readonly publishReceipt: PublishReceipt;
  /** The current connection stays open, but is not opened again after it closes. */
  disableReconnect(): void;
  /** Sends DISCONNECT. The broker keeps the session. */
  stop(): Promise<void>;
}

const toFilters = (group: string | undefined): Record<string, { qos: 0 | 1; rh: number }> => {
  const prefix = group === undefined ? "" : `$share/${group}/`;
  return {
    ...Object.fromEntries(RELAY_TOPIC_FILTERS.map((filter) => [prefix + filter, { qos: 1 as const, rh: NO_RETAINED }])),
    [BROKER_DROPPED_TOPIC]: { qos: 0, rh: 0 },
  };
};

export const startBrokerSession = (options: BrokerSessionOptions): BrokerSession => {
  const { config, logger, onConnection, onPublish, onBrokerDropped } = options;
  let isReady = false;
  let isAlive = false;
  let pauses = 0;

  const client: MqttClient = mqtt.connect(config.url, {
    manualConnect: true,
    protocolVersion: 5,
    clientId: config.clientId,
    username: config.username,
    password: config.password,
    ...(config.ca === undefined ? {} : { ca: config.ca }),
    clean: false,
    keepalive: config.keepaliveSeconds,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    resubscribe: false,
    queueQoSZero: false,
    // Saves 8 MB: mqtt.js otherwise allocates a buffer for each of the 65,536 packet identifiers.
    writeCache: false,
    properties: {
      sessionExpiryInterval: NEVER_EXPIRES,
      receiveMaximum: config.receiveMaximum,
      maximumPacketSize: MAX_PACKET_BYTES,
    },
  });

  const countPause = async (pause: Promise<void>): Promise<void> => {
    pauses += 1;
    await pause;
    pauses -= 1;
  };

  const acks = useManualAcks(client, (publish) => {
    if (publish.packet.topic !== BROKER_DROPPED_TOPIC) {
      const pause = onPublish(publish);
      return pause === undefined ? undefined : countPause(pause);
    }
    onBrokerDropped(Number(publish.packet.payload.toString()));
    return undefined;
  });

  client.on("packetreceive", (packet) => {
    isAlive = true;
    if (packet.cmd !== "connack") return;
    // A resumed session is already subscribed. Its SUBACK arrives after all queued messages, which can take minutes.
    isReady = packet.sessionPresent;
    onConnection(packet.sessionPresent);
  });
  // mqtt.js accepts only a PINGRESP as proof that the connection is alive. A PINGRESP also arrives after all queued
  // messages, and is not read while back-pressure is active. So every received packet, and a pause in reading, also
  // counts as proof.
  const keepaliveTimer = setInterval(() => {
    if (client.connected && (isAlive || pauses > 0)) {
      client.sendPing();
      client.reschedulePing(true);
    }
    isAlive = false;
  }, config.keepaliveSeconds * 500);
  client.on("connect", () => {
    client
      .subscribeAsync(toFilters(config.group))
      .then((grants) => {
        const refused = grants.filter(({ qos }) => qos >= 128).map(({ topic }) => topic);
        isReady = client.connected && refused.length === 0;
        if (isReady) logger.info({ broker: config.url }, "subscribed");
        else logger.error({ refused }, "the broker refused a subscription; check the ACL");
      })
      .catch((error: unknown) => logger.error({ error: String(error) }, "could not subscribe"));
  });
  client.on("close", () => {
    if (isReady) logger.warn("lost the connection to the broker; reconnecting");
    isReady = false;
  });
  client.on("error", (error) => logger.error({ error: error.message }, "broker connection error"));
  client.connect();

  return {
    get isReady() {
      return isReady;
    },
    get exceedsReceiveMaximum() {
      return acks.unacknowledged > config.receiveMaximum;
    },
    publishReceipt(topic, payload, correlationData) {
      if (!client.connected || client.disconnecting) return false;
      client.publish(topic, payload, {
        qos: 0,
        properties: { contentType: "application/json", ...(correlationData === undefined ? {} : { correlationData }) },
      });
      return true;
    },
    disableReconnect() {
      client.options.reconnectPeriod = 0;
    },
    async stop() {
      clearInterval(keepaliveTimer);
      await client.endAsync();
    },
  };
};
