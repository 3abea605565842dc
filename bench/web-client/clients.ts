/**
 * The measured clients: edgelog over both transports, popular loggers, and baselines. Each is a file of `clients/` with one
 * function `start`, which creates the client as its documentation describes, captures uncaught errors (with the client's
 * own capture if it has one), and returns a function that logs.
 */

export interface Client {
  /** Name of its file in `clients/`. */
  readonly id: string;
  readonly name: string;
  /** Package whose version is shown after the name. */
  readonly package?: string;
  readonly isOurs?: boolean;
  /** A baseline without a row in the table of sizes. */
  readonly isBaseline?: boolean;
  readonly note?: string;
}

export const NO_OP = "no-op";
export const ARRAY_PUSH = "array-push";
export const BARE_FETCH = "bare-fetch";
export const OURS_HTTP = "edgelog-http";
export const OURS_MQTT = "edgelog-mqtt";
export const OPENTELEMETRY = "opentelemetry";

export const CLIENTS: readonly Client[] = [
  { id: NO_OP, name: "nothing", isBaseline: true, note: "cost of measuring" },
  { id: ARRAY_PUSH, name: "`list.push({ message, context })`", isBaseline: true },
  { id: BARE_FETCH, name: "handwritten: array and `fetch`, 100 logs per request", note: "no storage, no retries" },
  { id: OURS_HTTP, name: "**edgelog**", isOurs: true, note: "durable; over HTTP" },
  { id: OURS_MQTT, name: "**edgelog**", isOurs: true, note: "durable; over MQTT, whose chunk loads when idle" },
  { id: "loglevel", name: "loglevel", package: "loglevel", note: "with the handwritten sender" },
  { id: "better-stack", name: "Better Stack", package: "@logtail/browser" },
  { id: "pino", name: "pino", package: "pino", note: "`transmit` with the handwritten sender" },
  { id: "axiom", name: "Axiom", package: "@axiomhq/logging" },
  { id: OPENTELEMETRY, name: "OpenTelemetry", package: "@opentelemetry/sdk-logs", note: "OTLP over HTTP" },
  { id: "datadog", name: "Datadog", package: "@datadog/browser-logs" },
  { id: "sentry", name: "Sentry", package: "@sentry/browser" },
  { id: "faro", name: "Grafana Faro", package: "@grafana/faro-web-sdk" },
];
