/**
 * The relay's one durable session at the broker. The only file, beside deferred-acks.ts, that knows mqtt.js.
 *
 * Clean Start is false and the session never expires: the broker keeps what arrives while the relay is away. Messages
 * may arrive as soon as CONNACK is through, so all handlers stand before CONNECT is sent.
 */
import mqtt, { type MqttClient } from "mqtt";
import { MAX_PACKET_BYTES } from "#contract/wire/limits.ts";
import { BROKER_DROPPED_TOPIC, RELAY_TOPIC_FILTERS } from "#contract/wire/topics.ts";
import type { RelayConfig } from "./config.ts";
import { deferAcks, type Arrival } from "./manual-acks.ts";
import type { Logger } from "./logger.ts";
import type { PublishReceipt } from "./receipts.ts";

/** MQTT 5, section 3.1.2.11.2: the session does not expire. */
const NEVER_EXPIRES = 0xff_ff_ff_ff;
const RECONNECT_MS = 500;
const CONNECT_TIMEOUT_MS = 10_000;
/** Do not send messages that are retained: they were delivered when they were published. Section 3.8.3.1. */
const NO_RETAINED = 2;

export interface BrokerSessionOptions {
  readonly config: RelayConfig["broker"];
  readonly logger: Logger;
  readonly onConnection: (isSessionPresent: boolean) => void;
  readonly onArrival: (arrival: Arrival) => Promise<void> | undefined;
  readonly onBrokerDropped: (messages: number) => void;
}

export interface BrokerSession {
  /** Connected, with a session that is subscribed to everything. */
  readonly isReady: boolean;
  /** Whether the broker sent more than Receive Maximum allows, as Mosquitto before 2.0.13 does. */
  readonly isOverrun: boolean;
  readonly publishReceipt: PublishReceipt;
  /** Stays connected as long as the connection lasts, and leaves the session to whoever takes it over. */
  letGo(): void;
  /** Says DISCONNECT; the session stays. */
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
  const { config, logger, onConnection, onArrival, onBrokerDropped } = options;
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
    // Saves 8 MB: mqtt.js would make a buffer for each of the 65,536 packet ids in advance.
    writeCache: false,
    properties: {
      sessionExpiryInterval: NEVER_EXPIRES,
      receiveMaximum: config.receiveMaximum,
      maximumPacketSize: MAX_PACKET_BYTES,
    },
  });

  const holdBack = async (pause: Promise<void>): Promise<void> => {
    pauses += 1;
    await pause;
    pauses -= 1;
  };

  const acks = deferAcks(client, (arrival) => {
    if (arrival.packet.topic !== BROKER_DROPPED_TOPIC) {
      const pause = onArrival(arrival);
      return pause === undefined ? undefined : holdBack(pause);
    }
    onBrokerDropped(Number(arrival.packet.payload.toString()));
    return undefined;
  });

  client.on("packetreceive", (packet) => {
    isAlive = true;
    if (packet.cmd !== "connack") return;
    // The SUBACK comes behind all that waits in the session, which can take minutes.
    isReady = packet.sessionPresent;
    onConnection(packet.sessionPresent);
  });
  // mqtt.js takes nothing but a PINGRESP for a sign of life. It, too, comes behind all that waits, and is not read at all
  // while the relay holds the broker back.
  const heartbeat = setInterval(() => {
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
        else logger.error({ refused }, "the broker refused a subscription: check the acl");
      })
      .catch((error: unknown) => logger.error({ error: String(error) }, "could not subscribe"));
  });
  client.on("close", () => {
    if (isReady) logger.warn("the connection to the broker is gone; reconnecting");
    isReady = false;
  });
  client.on("error", (error) => logger.error({ error: error.message }, "trouble with the broker"));
  client.connect();

  return {
    get isReady() {
      return isReady;
    },
    get isOverrun() {
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
    letGo() {
      client.options.reconnectPeriod = 0;
    },
    async stop() {
      clearInterval(heartbeat);
      await client.endAsync();
    },
  };
};
