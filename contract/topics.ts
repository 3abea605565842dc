/**
 * MQTT topics and the names that may stand in them. The broker's ACL enforces the same: `{app}` is the user name,
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

/** The broker's own counter of messages it dropped, cumulative since its start. */
export const BROKER_DROPPED_TOPIC = "$SYS/broker/publish/messages/dropped";

/** Lower-case letters, digits and inner hyphens: safe in a topic, an MQTT user name, a URL and an index name. */
export const APP_ID_PATTERN = new RegExp(`^[a-z0-9](?:[a-z0-9-]{0,${MAX_APP_ID_LENGTH - 2}}[a-z0-9])?$`);

/** Where `client` of `app` publishes its batches. */
export const logsTopic = (app: string, client: string): string => `logs/${app}/${client}`;

/** Where `client` of `app` receives its receipts. */
export const receiptsTopic = (app: string, client: string): string => `receipts/${app}/${client}`;

/** Who published to a topic: an app's client, or an app of the legacy kind, which has no name. */
export type Publisher =
  | { readonly kind: "client"; readonly app: string; readonly client: string }
  | { readonly kind: "legacy" };

/** Reads the publisher off a topic; `undefined` when the topic is none of ours. */
export const parsePublisher = (topic: string): Publisher | undefined => {
  if (topic === LEGACY_TOPIC) return { kind: "legacy" };
  const [root, app, client, ...rest] = topic.split("/");
  if (root !== "logs" || app === undefined || client === undefined || rest.length > 0) return undefined;
  if (!APP_ID_PATTERN.test(app) || client === "" || client.length > MAX_CLIENT_ID_LENGTH) return undefined;
  return { kind: "client", app, client };
};
