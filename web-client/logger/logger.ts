/**
 * What a page sees of the logger.
 */
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { LinkState, TransportKind, TransportMode } from "./send/link.ts";
import type { MqttConnect } from "./send/mqtt/mqtt-link.ts";
import type { Tuning } from "./tuning.ts";

/** `pending`: kept in memory only, nothing sent. `refused`: everything is forgotten, and nothing is taken. */
export type Consent = "granted" | "pending" | "refused";

/** Why an event was given up without the server having seen it. */
export type DropReason =
  | "queue_full"
  | "expired"
  | "too_large"
  | "unserializable"
  | "before_send"
  | "consent"
  | "closed";

/** An event before it is queued, as `beforeSend` sees it. */
export interface LogRecord {
  readonly id: string;
  readonly severity: Severity;
  readonly body: unknown;
  readonly attributes: Attributes;
}

/** See {@link LoggerOptions}. A chain of them is `(record, sessionId) => second(first(record, sessionId), sessionId)`. */
export type BeforeSend = (record: LogRecord, sessionId: string) => LogRecord | null | undefined;

/** Options of `createLogger`. */
export interface LoggerOptions {
  /** App id. */
  readonly app: string;
  /** The app's publishable key: write-only and meant to be public. */
  readonly key: string;
  /** The Worker, e.g. `https://logs.example.com`. Default: where the page comes from. */
  readonly endpoint?: string;
  /** Path of `POST`, default `/logs`. A path of your own, which your site passes on, stands on no filter list. */
  readonly path?: string;
  /** MQTT over WebSocket. Default: `/mqtt` at `endpoint`. */
  readonly mqttUrl?: string;
  /** Default `auto`: HTTP until MQTT is there, and where MQTT does not get through. */
  readonly transport?: TransportMode;
  /** MQTT client id; no two pages may share one. Default: a new one for each logger. */
  readonly clientId?: string;
  /** `service.version`. */
  readonly release?: string;
  /** `deployment.environment.name`. */
  readonly environment?: string;
  /** OpenTelemetry resource: what sends. Sent once a batch. */
  readonly resource?: Attributes;
  /** Attributes of every event of this logger. Sent once a batch. */
  readonly attributes?: Attributes;
  /** Default `granted`. */
  readonly consent?: Consent;
  /**
   * Last word on each event, after the call and before the queue: change it, or give nothing and it is dropped and
   * counted. `createSampler` makes one that samples.
   */
  readonly beforeSend?: BeforeSend;
  /** Other numbers than the default ones. */
  readonly tuning?: Partial<Tuning>;
  /** How to connect over MQTT, e.g. in Node with a CA of one's own. Default: mqtt.js, loaded when it is needed. */
  readonly connectMqtt?: MqttConnect;
  /** Default: the global one. Outside of pages and workers the logger does nothing unless it is given one. */
  readonly fetch?: typeof fetch;
}

/** `idle` until the logger has started. `denied`: app or key refused; events are kept and tried again slowly. */
export interface LoggerStatus {
  readonly state: "idle" | LinkState | "closed";
  /** The transport in use, or being tried. */
  readonly transport: TransportKind;
}

/** Where all events are that were ever logged: these numbers add up to the calls, and what earlier pages left. */
export interface LoggerCounts {
  readonly queued: number;
  readonly inFlight: number;
  readonly stored: number;
  /** Accounted for by a receipt, but an earlier delivery had stored them. */
  readonly duplicates: number;
  readonly rejected: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
}

/** What a receipt said of one event. */
export type Settlement =
  | { readonly id: string; readonly state: "stored" }
  | { readonly id: string; readonly state: "rejected"; readonly reason: string; readonly message: string };

/** Logs one event; returns its id, under which it can be found. Never throws, never waits. */
export type LogMethod = (body: string | Error, attributes?: Attributes | Error) => string;

/** A logger, or a child of one: both write to the same queue. */
export interface Logger extends Readonly<Record<Severity, LogMethod>> {
  /** A logger whose events carry these attributes as well. */
  child(attributes: Attributes): Logger;
  /** Adds attributes to all later events of this logger and its children; `undefined` takes one away. */
  setContext(attributes: Attributes): void;
  /** `user.id` and what else is known; nothing signs the user out. For all loggers of this page. */
  setUser(user?: { readonly id?: string; readonly name?: string; readonly email?: string }): void;
  /** Granting sends what waited for it; refusing, and taking back, forgets all, also what is written on the device. */
  setConsent(consent: "granted" | "refused"): void;
  /** Sends by another transport from now on, also what waits. `mqttUrl` as in {@link LoggerOptions}. */
  useTransport(transport: TransportMode, mqttUrl?: string): void;
  /**
   * Sends what waits. `true` when a receipt accounts for everything, `false` after `timeoutMs` (default 10 s);
   * `undefined` where there is nothing to send with: on a server, or offline before the first log.
   */
  flush(timeoutMs?: number): Promise<boolean | undefined>;
  /** Flushes, then stops everything; what is left is sent by the next page, or counted as dropped. */
  close(timeoutMs?: number): Promise<void>;
  /** Where it posts to: what captures must not capture. */
  readonly url: string;
  readonly status: LoggerStatus;
  readonly counts: LoggerCounts;
  /** Each of these returns what ends the subscription. Listeners are called after the current task's code. */
  onStatus(listener: (status: LoggerStatus) => void): () => void;
  onCounts(listener: (counts: LoggerCounts) => void): () => void;
  /** Tells of each event that a receipt accounts for. */
  onSettled(listener: (settlements: readonly Settlement[]) => void): () => void;
}
