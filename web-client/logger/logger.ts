/**
 * Public types of the logger.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { Fetch } from "./platform.ts";
import type { LinkState, TransportKind, TransportMode } from "./send/link.ts";
import type { MqttConnect } from "./send/mqtt/mqtt-client.ts";
import type { Tuning } from "./tuning.ts";

/**
 * `granted`: events are written to the device and sent. `pending`: events stay in memory until `setConsent`. `refused`:
 * events are dropped.
 */
export type Consent = "granted" | "pending" | "refused";

/**
 * Why an event was dropped:
 * `queue_full`, the queue had reached its limits; `expired`, older than seven days; `too_large`, the server does not accept
 * an event of this size; `before_send`, `beforeSend` returned nothing or threw an error; `consent`, there was no consent; `closed`, the logger is closed (the next page sends events that were
 * written to the device).
 */
export type DropReason = "queue_full" | "expired" | "too_large" | "before_send" | "consent" | "closed";

/** An event before it is queued, as `beforeSend` receives it. */
export interface LogRecord {
  /** UUIDv7, which contains the time of the call. */
  readonly id: string;
  readonly severity: Severity;
  /** The text that was logged; for an Error its type and message. */
  readonly body: string;
  readonly attributes: Attributes;
}

/**
 * Changes or drops an event: returns the record to send, or nothing to drop it. Several can be chained by calling one with
 * the result of another.
 */
export type BeforeSend = (record: LogRecord, sessionId: string) => LogRecord | null | undefined;

/** Options of `createLogger`. */
export interface LoggerOptions {
  /** App id. */
  readonly app: string;
  /** The app's key. It allows only writing and is not a secret. */
  readonly key: string;
  /** URL of the Worker, e.g. `https://logs.example.com`. Default: the origin of the page. */
  readonly endpoint?: string;
  /**
   * Path of `POST /logs` at `endpoint`. Default: `/logs`. Use a first-party path that proxies to the Worker, so that
   * ad blockers do not match it.
   */
  readonly path?: string;
  /** URL of MQTT over WebSocket. Default: `/mqtt` at `endpoint`. */
  readonly mqttUrl?: string;
  /**
   * Protocol for sending. Default: `auto`, which uses HTTP until MQTT is connected and wherever MQTT cannot connect.
   */
  readonly transport?: TransportMode;
  /** MQTT client id, unique for each page. Default: a new id for each logger. */
  readonly clientId?: string;
  /** Version of the app, sent as `service.version`. */
  readonly release?: string;
  /** E.g. `production`, sent as `deployment.environment.name`. */
  readonly environment?: string;
  /** Attributes of the OpenTelemetry resource, e.g. `{ "service.namespace": "shop" }`. Sent once a batch. */
  readonly resource?: Attributes;
  /** Attributes of all events of this logger. Sent once a batch. */
  readonly attributes?: Attributes;
  /** Consent when the logger starts. Default: `granted`. */
  readonly consent?: Consent;
  /** Called for each event before it is queued. `createSampler` creates one that samples. Default: keeps all events. */
  readonly beforeSend?: BeforeSend;
  /** Overrides single values of the defaults, see {@link Tuning}. */
  readonly tuning?: Partial<Tuning>;
  /** Connects over MQTT, e.g. in Node.js with a private CA. Default: mqtt.js, loaded when it is needed. */
  readonly connectMqtt?: MqttConnect;
  /**
   * Sends the HTTP requests. Default: the global `fetch` in pages and Web Workers. Elsewhere the logger does nothing unless
   * this option is set. A Cloudflare Worker may send requests only in its handlers: a log at the top level of a module throws there.
   */
  readonly fetch?: Fetch;
}

export interface LoggerStatus {
  /**
   * `idle` until the logger starts. `denied`: the server does not accept the app or the key. `challenged`: a firewall in
   * front of the server responds instead, for example Cloudflare's check for bots. In both cases events stay queued and are
   * retried once a minute.
   */
  readonly state: "idle" | LinkState | "closed";
  /** The transport in use, or the one that is connecting. */
  readonly transport: TransportKind;
}

/** Totals by state. Their sum equals the events logged here plus those recovered from earlier pages. */
export interface LoggerCounts {
  readonly queued: number;
  /** Sent, without a receipt yet. */
  readonly inFlight: number;
  readonly stored: number;
  /** Sent again although an earlier attempt had stored them. */
  readonly duplicates: number;
  readonly rejected: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** Outcome of an event, from its receipt. */
export type Settlement =
  | { readonly id: string; readonly state: "stored" }
  | { readonly id: string; readonly state: "rejected"; readonly reason: string; readonly message: string };

/**
 * Logs an event and returns its id, or an empty text where nothing is logged: on a server without the option `fetch`. Never throws and
 * never waits.
 *
 * The first error among the arguments, or inside the attributes, becomes `exception.type`, `exception.message` and
 * `exception.stacktrace`, which includes its causes. Its own properties become attributes such as `error.code`.
 *
 * @param body Usually a text. Other values are logged as text, objects as JSON; the contents of an object also become
 *   attributes.
 * @param attributes Values are copied now. Properties that cannot be read are omitted and counted in
 *   `log.record.dropped_attributes_count`. A value that is not a plain object becomes the attribute `detail`.
 * @example
 * log.info("Order placed", { "order.id": "o-17" });
 * log.error("Payment failed", error);
 * log.error("Payment failed", { err: error, "order.id": "o-17" });
 */
export type LogMethod = (body: unknown, attributes?: Attributes | Error) => string;

/** A logger. Children created by `child` write to the same queue. */
export interface Logger extends Readonly<Record<Severity, LogMethod>> {
  /**
   * Returns a logger that adds these attributes to its events.
   *
   * @example
   * const cartLog = log.child({ component: "cart" });
   */
  child(attributes: Attributes): Logger;
  /**
   * Adds attributes to all later events of this logger and its children; `undefined` removes one.
   *
   * @example
   * log.setContext({ "feature.flag": "new-checkout" });
   */
  setContext(attributes: Attributes): void;
  /**
   * Sets the user of all later events of this page; call it without arguments to clear it.
   *
   * @example
   * log.setUser({ id: "u-1042" });
   */
  setUser(user?: { readonly id?: string; readonly name?: string; readonly email?: string }): void;
  /**
   * Grants or refuses consent. `granted` sends the events that waited for it. `refused` drops all events that have no
   * outcome yet and deletes what this app has written to the device.
   *
   * @example
   * banner.onAccept = () => log.setConsent("granted");
   */
  setConsent(consent: "granted" | "refused"): void;
  /** Changes the transport, also for events that wait. `mqttUrl` as in {@link LoggerOptions}. */
  useTransport(transport: TransportMode, mqttUrl?: string): void;
  /**
   * Sends all events without waiting for a full batch.
   *
   * @param timeoutMs Default: 10,000.
   * @returns `true` when receipts account for all events; `false` after the timeout; `undefined` if nothing can be sent:
   *   on a server, or offline before the first log.
   * @example
   * if ((await log.flush(2_000)) !== true) console.warn("Some logs are not stored yet");
   */
  flush(timeoutMs?: number): Promise<boolean | undefined>;
  /**
   * Flushes, then stops. Events that were not sent are counted as dropped with reason `closed`; the next page sends
   * those that were written to the device.
   *
   * @param timeoutMs Default: 5,000.
   */
  close(timeoutMs?: number): Promise<void>;
  /** URL of `POST /logs`. Request captures ignore it. */
  readonly url: string;
  readonly status: LoggerStatus;
  readonly counts: LoggerCounts;
  /**
   * Calls the listener after each change of `status`. Like all listeners, it is called after the current task's code.
   * Returns a function that ends the subscription.
   */
  onStatus(listener: (status: LoggerStatus) => void): () => void;
  /** Calls the listener after each change of `counts`. */
  onCounts(listener: (counts: LoggerCounts) => void): () => void;
  /**
   * Calls the listener with the outcomes of events when a receipt arrives.
   *
   * @example
   * log.onSettled((settlements) => settlements.forEach(({ id, state }) => console.debug(id, state)));
   */
  onSettled(listener: (settlements: readonly Settlement[]) => void): () => void;
}
