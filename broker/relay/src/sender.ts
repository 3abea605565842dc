/**
 * The app and client of a message, for log lines and metrics.
 */
import { parsePublisher } from "#contract/wire/topics.ts";

const MAX_LOGGED_LENGTH = 128;

/** `app` is undefined for messages without a user. A client id that is too long is shortened. */
export interface Sender {
  readonly app: string | undefined;
  readonly client: string | undefined;
}

export const toSender = (topic: string): Sender => {
  const publisher = parsePublisher(topic);
  if (publisher === undefined || publisher.kind === "legacy") return { app: undefined, client: undefined };
  return { app: publisher.app, client: publisher.client.slice(0, MAX_LOGGED_LENGTH) };
};

/** Distinct values of a metric's label `app`. */
const MAX_APPS = 500;

/** Bounds the values of a metric's label. Returns `""` for messages without an app, `other` above the bound. */
export const createAppLabel = (): ((topic: string) => string) => {
  const apps = new Set<string>();
  return (topic) => {
    const { app = "" } = toSender(topic);
    if (apps.has(app)) return app;
    if (apps.size >= MAX_APPS) return "other";
    apps.add(app);
    return app;
  };
};
