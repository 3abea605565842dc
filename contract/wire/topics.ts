/**
 * MQTT topics, and the names in them: `{user}` is the MQTT user name and `{client}` the MQTT client id. The broker's ACL
 * enforces the same rules.
 */
import { MAX_APP_ID_LENGTH, MAX_CLIENT_ID_LENGTH, MAX_RESPONSE_TOPIC_LENGTH } from "./limits.ts";
import type { Violation } from "./receipt-types.ts";

/** The topic to which existing flutter_logs apps publish. */
export const LEGACY_TOPIC = "mqtt";

/**
 * Topic filters of the relay. `logs/#` is wider than the valid topics: it includes messages from client ids with a `/`,
 * which are then stored as rejected and not lost.
 */
export const RELAY_TOPIC_FILTERS = ["logs/#", LEGACY_TOPIC] as const;

/** The relay's user name at the broker. Starts with an underscore, which app ids cannot contain. */
export const RELAY_USERNAME = "_relay";

/** The Worker's user name at the broker. The Worker opens one connection for each live tail. */
export const TAIL_USERNAME = "_tail";

/** User name of live tail clients at the Worker; the password is a reader token. It does not exist at the broker. */
export const READER_USERNAME = "_reader";

/**
 * Topic on which the Worker publishes flow control messages of a live tail, with QoS 1. The payload is the number of
 * messages skipped so far, in decimal. The client's PUBACK confirms that it has read all earlier messages.
 */
export const TAIL_SKIPPED_TOPIC = "tail/skipped";

/** The broker's counter of dropped messages, cumulative since its start. */
export const BROKER_DROPPED_TOPIC = "$SYS/broker/publish/messages/dropped";

/** The size of the payloads of all messages that wait in the broker, in bytes. */
export const BROKER_STORED_BYTES_TOPIC = "$SYS/broker/store/messages/bytes";

/** The memory that the broker has allocated, in bytes. Includes topics and properties of messages. */
export const BROKER_HEAP_TOPIC = "$SYS/broker/heap/current";

/**
 * An app id: lower-case letters, digits and hyphens, with no hyphen at either end. Safe in topics, MQTT user names, URLs
 * and index names.
 */
export const APP_ID_PATTERN = new RegExp(`^[a-z0-9](?:[a-z0-9-]{0,${MAX_APP_ID_LENGTH - 2}}[a-z0-9])?$`);

const KEY_GENERATION = /^elk([1-9]\d*)_/;

/** MQTT user name of an app's n-th key, counted from 1: `{app}` for the first key, `{app}.{n}` for later ones. */
export const mqttUserOfGeneration = (app: string, generation: number): string =>
  generation === 1 ? app : `${app}.${generation}`;

/**
 * MQTT user name of a key: `{app}`, or `{app}.{n}` for a key that starts with `elk{n}_`. Each key has its own user name
 * because a broker stores one password for each user, and two keys are valid during a key rotation.
 */
export const mqttUserOfKey = (app: string, key: string): string =>
  mqttUserOfGeneration(app, Number(KEY_GENERATION.exec(key)?.[1] ?? 1));

/** The app to which an MQTT user name belongs. */
export const appOfUser = (user: string): string => user.replace(/\.[1-9]\d*$/, "");

/** Topic to which a client publishes its batches. For `user` see {@link mqttUserOfKey}. */
export const logsTopic = (user: string, client: string): string => `logs/${user}/${client}`;

/** Topic filter of the relay for all messages of one user, also those of clients with an invalid client id. */
export const userFilter = (user: string): string => `logs/${user}/#`;

/** Topic filter of a live tail for all clients of one user. For `user` see {@link mqttUserOfKey}. */
export const tailFilter = (user: string): string => logsTopic(user, "+");

/** The app of a live tail's topic filter. `undefined` if the filter is not a valid {@link tailFilter}. */
export const appOfTailFilter = (filter: string): string | undefined => {
  const publisher = parsePublisher(filter);
  return publisher?.kind === "client" && publisher.client === "+" ? publisher.app : undefined;
};

/** Topic on which a client receives its receipts. For `user` see {@link mqttUserOfKey}. */
export const receiptsTopic = (user: string, client: string): string => `receipts/${user}/${client}`;

/** The publisher of a topic: a client of an app, or an anonymous publisher on {@link LEGACY_TOPIC}. */
export type Publisher =
  | { readonly kind: "client"; readonly app: string; readonly user: string; readonly client: string }
  /** A topic of an app with an invalid client id, which is the rest of the topic. Its messages are rejected. */
  | {
      readonly kind: "invalid_client";
      readonly app: string;
      readonly user: string;
      readonly client: string;
      readonly violation: Violation;
    }
  | { readonly kind: "legacy" };

/** Why a client cannot publish to `logs/{user}/{client}`. `undefined` if its id is valid. */
const checkClient = (client: string): Violation | undefined => {
  if (client === "") {
    return {
      reason: "unknown_topic",
      message: "The topic has no client id. Publish to `logs/{user}/{client}`.",
      field: "topic",
    };
  }
  if (client.includes("/")) {
    return {
      reason: "unknown_topic",
      message:
        "The topic has more than three levels. Publish to `logs/{user}/{client}`, with a client id that contains no slash.",
      field: "topic",
    };
  }
  if (client.length > MAX_CLIENT_ID_LENGTH) {
    return {
      reason: "too_long",
      message: `The client id has ${client.length} UTF-16 code units; the maximum is ${MAX_CLIENT_ID_LENGTH}.`,
      field: "client",
      limit: MAX_CLIENT_ID_LENGTH,
    };
  }
  return undefined;
};

/** Parses a topic to which logs are published. Returns `undefined` for a topic without a valid user. */
export const parsePublisher = (topic: string): Publisher | undefined => {
  if (topic === LEGACY_TOPIC) return { kind: "legacy" };
  const [root, user, ...rest] = topic.split("/");
  if (root !== "logs" || user === undefined) return undefined;
  const app = appOfUser(user);
  if (!APP_ID_PATTERN.test(app)) return undefined;
  const client = rest.join("/");
  const violation = checkClient(client);
  return violation === undefined
    ? { kind: "client", app, user, client }
    : { kind: "invalid_client", app, user, client, violation };
};

/**
 * True if a publisher may receive its receipts on a Response Topic: on {@link receiptsTopic} of the client in its topic, or
 * below it, with at most {@link MAX_RESPONSE_TOPIC_LENGTH} UTF-16 code units.
 *
 * @param topic The topic of the message.
 */
export const isOwnResponseTopic = (topic: string, responseTopic: string): boolean => {
  const publisher = parsePublisher(topic);
  if (publisher === undefined || publisher.kind === "legacy" || publisher.client === "") return false;
  const own = receiptsTopic(publisher.user, publisher.client);
  const isInside = responseTopic === own || responseTopic.startsWith(`${own}/`);
  return isInside && responseTopic.length <= MAX_RESPONSE_TOPIC_LENGTH && !/[+#\0]/.test(responseTopic);
};
