/**
 * MQTT topics and the names that may stand in them. The broker's ACL enforces the same: `{user}` is the user name,
 * `{client}` the client id.
 */
import { MAX_APP_ID_LENGTH, MAX_CLIENT_ID_LENGTH } from "./limits.ts";

/** The single topic that existing flutter_logs apps publish to. */
export const LEGACY_TOPIC = "mqtt";

/**
 * What the relay subscribes to. More than it needs to know, so that a client id with a `/` in it does not publish into
 * the void: such a message is kept as rejected.
 */
export const RELAY_TOPIC_FILTERS = ["logs/#", LEGACY_TOPIC] as const;

/** User name of the relay at the broker. Its underscore keeps it apart from every app id. */
export const RELAY_USERNAME = "_relay";

/** User name of the Worker at the broker, where it opens a connection for each live tail. */
export const TAIL_USERNAME = "_tail";

/** User name of who opens a live tail at the Worker, with a reader token as the password. The broker knows no readers. */
export const READER_USERNAME = "_reader";

/**
 * What the Worker itself publishes on a live tail, with QoS 1: how many messages it has left out so far, in decimal. Its
 * PUBACK shows that the tail has read everything up to there.
 */
export const TAIL_SKIPPED_TOPIC = "tail/skipped";

/** The broker's own counter of messages it dropped, cumulative since its start. */
export const BROKER_DROPPED_TOPIC = "$SYS/broker/publish/messages/dropped";

/** Lower-case letters, digits and inner hyphens: safe in a topic, an MQTT user name, a URL and an index name. */
export const APP_ID_PATTERN = new RegExp(`^[a-z0-9](?:[a-z0-9-]{0,${MAX_APP_ID_LENGTH - 2}}[a-z0-9])?$`);

const KEY_GENERATION = /^elk([1-9]\d*)_/;

/** MQTT user name for an app's n-th key. */
export const mqttUserOfGeneration = (app: string, generation: number): string =>
  generation === 1 ? app : `${app}.${generation}`;

/**
 * MQTT user name for a key: the app's id, and for its n-th key (`elk{n}_…`, n from 2) `{app}.{n}`. A broker knows one
 * password for a user; so old and new key are both valid while one replaces the other.
 */
export const mqttUserOfKey = (app: string, key: string): string =>
  mqttUserOfGeneration(app, Number(KEY_GENERATION.exec(key)?.[1] ?? 1));

/** The app that an MQTT user name stands for. */
export const appOfUser = (user: string): string => user.replace(/\.[1-9]\d*$/, "");

/** Where `client` of `user` publishes its batches; see {@link mqttUserOfKey}. */
export const logsTopic = (user: string, client: string): string => `logs/${user}/${client}`;

/** What a live tail subscribes to for the clients of one user; see {@link mqttUserOfKey}. */
export const tailFilter = (user: string): string => logsTopic(user, "+");

/** The app whose logs a live tail asks for with this filter; `undefined` when it is no {@link tailFilter}. */
export const appOfTailFilter = (filter: string): string | undefined => {
  const publisher = parsePublisher(filter);
  return publisher?.kind === "client" && publisher.client === "+" ? publisher.app : undefined;
};

/** Where `client` of `user` receives its receipts; see {@link mqttUserOfKey}. */
export const receiptsTopic = (user: string, client: string): string => `receipts/${user}/${client}`;

/** Who published to a topic: an app's client, or an app of the legacy kind, which has no name. */
export type Publisher =
  | { readonly kind: "client"; readonly app: string; readonly user: string; readonly client: string }
  | { readonly kind: "legacy" };

/** Reads the publisher off a topic; `undefined` when the topic is none of ours. */
export const parsePublisher = (topic: string): Publisher | undefined => {
  if (topic === LEGACY_TOPIC) return { kind: "legacy" };
  const [root, user, client, ...rest] = topic.split("/");
  if (root !== "logs" || user === undefined || client === undefined || rest.length > 0) return undefined;
  const app = appOfUser(user);
  if (!APP_ID_PATTERN.test(app) || client === "" || client.length > MAX_CLIENT_ID_LENGTH) return undefined;
  return { kind: "client", app, user, client };
};
