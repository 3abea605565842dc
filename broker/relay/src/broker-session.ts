/**
 * One durable session at the broker. Only this file and manual-acks.ts use mqtt.js.
 *
 * Clean Start is false and the session never expires: the broker queues messages while the relay is disconnected. Messages
 * can arrive directly after CONNACK, so all handlers are registered before CONNECT is sent.
 */
import { TLSSocket } from "node:tls";
import mqtt, { type MqttClient } from "mqtt";
import { DAY_MS } from "#contract/wire/durations.ts";
import { MAX_PACKET_BYTES, RECEIPT_EXPIRY_SECONDS } from "#contract/wire/limits.ts";
import type { RelayConfig } from "./config.ts";
import { limitIncomingBytes } from "./incoming-bytes.ts";
import type { LargePackets } from "./large-packets.ts";
import type { Logger } from "./logger.ts";
import { useManualAcks, type IncomingPublish } from "./manual-acks.ts";
import type { PublishReceipt } from "./receipts.ts";

/** Session Expiry Interval of a session that never expires. MQTT 5, section 3.1.2.11.2. */
const NEVER_EXPIRES = 0xff_ff_ff_ff;
const RECONNECT_MS = 500;
/** Random part of the reconnect delay: spreads the reconnects of many sessions. */
const RECONNECT_JITTER_MS = 1_000;
const CONNECT_TIMEOUT_MS = 10_000;
/**
 * Delay of the first attempt after the broker has closed the connection, at most. Another client may have taken the session
 * over, and messages are lost until it is taken back; Mosquitto 2.0.11 closes without a reason code. Not used after a shorter
 * connection, so that two relays with the same client id do not disconnect each other many times a second.
 */
const TAKE_BACK_MS = 50;
const MIN_CONNECTION_MS = 1_000;
/** Retain Handling 2: no retained messages, because they were delivered when they were published. Section 3.8.3.1. */
const NO_RETAINED = 2;
/** Reason codes of SUBACK from here are failures. Section 3.9.3. */
const FIRST_FAILURE_CODE = 128;

export interface BrokerSessionOptions {
  readonly config: RelayConfig["broker"];
  readonly clientId: string;
  /** The MQTT users whose messages this session receives, for the log. */
  readonly name: string;
  /** Topic filters to subscribe with QoS 1. */
  readonly filters: readonly string[];
  /** The filters that an earlier connection of this session has subscribed. */
  readonly subscribedBefore: ReadonlySet<string>;
  /** Called with the payload of each message on one of these topics of the broker. They are subscribed with QoS 0. */
  readonly systemTopics: Readonly<Record<string, (payload: string) => void>>;
  /** True: the session ends with the connection, and no message waits in it. Default: false. */
  readonly isTemporary?: boolean;
  readonly logger: Logger;
  /** Whether connection errors are logged. One session of a relay is enough. */
  readonly logsConnection: boolean;
  /** Called on CONNACK. */
  readonly onConnection: (isSessionPresent: boolean) => void;
  /** Called when the broker has confirmed all subscriptions. */
  readonly onSubscribed: () => void;
  /** Shared by all sessions of a relay. */
  readonly largePackets: LargePackets;
  /** Nothing more is read from the broker while the returned promise is pending. */
  readonly onPublish: (publish: IncomingPublish) => Promise<void> | undefined;
  /** Called with packet identifiers directly before their PUBACKs are written, in the same turn. */
  readonly onAcknowledged?: (messageIds: readonly number[]) => void;
}

export interface BrokerSession {
  /** True while connected with a session that has all subscriptions. */
  readonly isReady: boolean;
  /** True while more messages are unacknowledged than Receive Maximum allows. Mosquitto before 2.0.13 ignores it. */
  readonly exceedsReceiveMaximum: boolean;
  readonly publishReceipt: PublishReceipt;
  /** True if the broker has confirmed the subscription of this filter, on this or an earlier connection. */
  isSubscribed(filter: string): boolean;
  /** Adds a subscription. */
  subscribe(filter: string): void;
  /** Ends a subscription, now and after each reconnect. */
  unsubscribe(filter: string): void;
  /** Days until the broker's certificate expires. `undefined` without TLS or without a connection. */
  readCertificateDays(nowMs: number): number | undefined;
  /** The current connection stays open, but is not opened again after it closes. */
  disableReconnect(): void;
  /** Sends DISCONNECT. The broker keeps the session. */
  stop(): Promise<void>;
}

export const startBrokerSession = (options: BrokerSessionOptions): BrokerSession => {
  const { config, name, logger, systemTopics, onConnection, onSubscribed, onPublish } = options;
  const filters = new Set(options.filters);
  const removedFilters = new Set<string>();
  const subscribed = new Set<string>(options.subscribedBefore);
  const connectionLevel = options.logsConnection ? "error" : "debug";
  // No Local: the relay does not receive the messages with which it deletes retained ones. It is not allowed in a shared
  // subscription [MQTT-3.8.3-4]. Retain As Published: section 3.8.3.1.
  const subscribeOptions = { qos: 1 as const, rh: NO_RETAINED, rap: true, nl: config.group === undefined };
  const prefix = config.group === undefined ? "" : `$share/${config.group}/`;
  let isConnected = false;
  let isAlive = false;
  let stable: NodeJS.Timeout | undefined;
  let pauses = 0;

  const reconnectMs = options.logsConnection ? RECONNECT_MS : RECONNECT_MS + Math.random() * RECONNECT_JITTER_MS;

  const client: MqttClient = mqtt.connect(config.url, {
    manualConnect: true,
    protocolVersion: 5,
    clientId: options.clientId,
    username: config.username,
    password: config.password,
    ...(config.ca === undefined ? {} : { ca: config.ca }),
    clean: options.isTemporary === true,
    keepalive: config.keepaliveSeconds,
    reconnectPeriod: reconnectMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    resubscribe: false,
    queueQoSZero: false,
    // Saves 8 MB: mqtt.js otherwise allocates a buffer for each of the 65,536 packet identifiers.
    writeCache: false,
    properties: {
      sessionExpiryInterval: options.isTemporary === true ? 0 : NEVER_EXPIRES,
      receiveMaximum: config.receiveMaximum,
      maximumPacketSize: MAX_PACKET_BYTES,
    },
  });

  /** Sets the delay before the next attempt, unless reconnecting is disabled. */
  const setReconnectMs = (ms: number): void => {
    if (client.options.reconnectPeriod !== 0) client.options.reconnectPeriod = ms;
  };

  const countPause = async (pause: Promise<void>): Promise<void> => {
    pauses += 1;
    incoming.holdBack();
    await pause;
    incoming.proceed();
    pauses -= 1;
  };

  /**
   * The broker keeps the last retained message of each topic in memory. Nothing reads it, because the relay has received it, so
   * it is deleted: an empty retained message replaces it. Returns true for such an empty message, which has no events.
   */
  const deleteRetained = ({ packet }: IncomingPublish): boolean => {
    if (!packet.retain) return false;
    if (packet.payload.length === 0) return true;
    client.publish(packet.topic, "", { qos: 0, retain: true });
    return false;
  };

  const handlePublish = (publish: IncomingPublish): Promise<void> | undefined => {
    const readSystemTopic = systemTopics[publish.packet.topic];
    if (readSystemTopic === undefined) {
      if (deleteRetained(publish)) {
        publish.acknowledge();
        return undefined;
      }
      const pause = onPublish(publish);
      return pause === undefined ? undefined : countPause(pause);
    }
    readSystemTopic(publish.packet.payload.toString());
    return undefined;
  };
  const incoming = limitIncomingBytes(client, options.largePackets);
  const acks = useManualAcks(client, handlePublish, (messageIds) => options.onAcknowledged?.(messageIds));

  const areAllSubscribed = (): boolean => [...filters].every((filter) => subscribed.has(filter));

  const sendSubscribe = async (wanted: readonly string[]): Promise<void> => {
    const topics = Object.fromEntries(wanted.map((filter) => [prefix + filter, subscribeOptions]));
    try {
      const grants = await client.subscribeAsync(topics);
      const refused = grants.filter(({ qos }) => qos >= FIRST_FAILURE_CODE).map(({ topic }) => topic);
      for (const filter of wanted) if (!refused.includes(prefix + filter)) subscribed.add(filter);
      if (refused.length > 0) logger.error({ refused }, "the broker refused a subscription; check the ACL");
      else if (areAllSubscribed()) onSubscribed();
    } catch (error) {
      logger.error({ session: name, error: String(error) }, "could not subscribe");
    }
  };

  const sendUnsubscribe = (removed: readonly string[]): void => {
    client.unsubscribeAsync(removed.map((filter) => prefix + filter)).catch((error: unknown) => {
      logger.error({ session: name, error: String(error) }, "could not unsubscribe");
    });
  };

  client.on("packetreceive", (packet) => {
    isAlive = true;
    incoming.countPacket(packet);
    if (packet.cmd !== "connack") return;
    isConnected = true;
    clearTimeout(stable);
    stable = setTimeout(() => setReconnectMs(1 + Math.random() * TAKE_BACK_MS), MIN_CONNECTION_MS);
    // A resumed session keeps its subscriptions. The SUBACK arrives after all queued messages, which can take minutes.
    if (!packet.sessionPresent) subscribed.clear();
    onConnection(packet.sessionPresent);
    if (areAllSubscribed()) onSubscribed();
  });
  // mqtt.js accepts only a PINGRESP as proof that the connection is alive. A PINGRESP also arrives after all queued
  // messages, and is not read while back-pressure is active. So every received packet counts, and so does a pause.
  const keepaliveTimer = setInterval(() => {
    if (client.connected && (isAlive || pauses > 0 || incoming.isWaiting)) {
      client.sendPing();
      client.reschedulePing(true);
    }
    isAlive = false;
  }, config.keepaliveSeconds * 500);
  client.on("connect", () => {
    const system = Object.keys(systemTopics);
    if (system.length > 0) client.subscribe(Object.fromEntries(system.map((topic) => [topic, { qos: 0 as const }])));
    if (filters.size > 0) void sendSubscribe([...filters]);
    if (removedFilters.size > 0) sendUnsubscribe([...removedFilters]);
  });
  client.on("close", () => {
    // mqtt.js has already scheduled the next attempt.
    clearTimeout(stable);
    setReconnectMs(reconnectMs);
    if (isConnected && options.logsConnection) logger.warn("lost the connection to the broker; reconnecting");
    isConnected = false;
  });
  client.on("error", (error) =>
    logger[connectionLevel]({ session: name, error: error.message }, "broker connection error"),
  );
  client.connect();

  return {
    get isReady() {
      return isConnected && areAllSubscribed();
    },
    get exceedsReceiveMaximum() {
      return acks.unacknowledged > config.receiveMaximum;
    },
    publishReceipt(topic, payload, correlationData) {
      if (!client.connected || client.disconnecting) return false;
      client.publish(topic, payload, {
        qos: 0,
        properties: {
          contentType: "application/json",
          messageExpiryInterval: RECEIPT_EXPIRY_SECONDS,
          ...(correlationData === undefined ? {} : { correlationData }),
        },
      });
      return true;
    },
    isSubscribed: (filter) => isConnected && subscribed.has(filter),
    subscribe(filter) {
      filters.add(filter);
      if (client.connected) void sendSubscribe([filter]);
    },
    unsubscribe(filter) {
      filters.delete(filter);
      removedFilters.add(filter);
      if (client.connected) sendUnsubscribe([filter]);
    },
    readCertificateDays(nowMs) {
      if (!(client.stream instanceof TLSSocket) || !client.connected) return undefined;
      const validTo = Date.parse(client.stream.getPeerCertificate().valid_to);
      return Number.isNaN(validTo) ? undefined : (validTo - nowMs) / DAY_MS;
    },
    disableReconnect() {
      client.options.reconnectPeriod = 0;
    },
    async stop() {
      clearInterval(keepaliveTimer);
      clearTimeout(stable);
      isConnected = false;
      await client.endAsync();
    },
  };
};
