/**
 * What a page sees of the logger.
 */
import type { Attributes } from "../../contract/log-event.ts";
import type { LinkState, TransportMode } from "./keep-link.ts";
import type { TransportKind } from "./link.ts";
import type { MqttConnect } from "./mqtt-link.ts";
import type { Settlement, Totals } from "./tally.ts";
import type { Tuning } from "./tuning.ts";

/** Options of `createLogger`. */
export interface LoggerOptions {
  /** App id. */
  readonly app: string;
  /** The app's publishable key: write-only and meant to be public. */
  readonly key: string;
  /** The Worker, e.g. `https://logs.example.com`. Default: where the page comes from. */
  readonly endpoint?: string;
  /** MQTT over WebSocket. Default: `/mqtt` at `endpoint`. */
  readonly mqttUrl?: string;
  /** Default `auto`: MQTT, and HTTP where MQTT does not get through. */
  readonly transport?: TransportMode;
  /** MQTT client id; no two pages may share one. Default: a new one for each logger. */
  readonly clientId?: string;
  /** OpenTelemetry resource: what sends, e.g. `{"service.version": "1.4.2"}`. Sent once a batch. */
  readonly resource?: Attributes;
  /** Attributes of every event of this logger. Sent once a batch. */
  readonly attributes?: Attributes;
  /** Other numbers than the default ones. */
  readonly tuning?: Partial<Tuning>;
  /** How to connect over MQTT, e.g. in Node with a CA of one's own. Default: mqtt.js, loaded when it is needed. */
  readonly connectMqtt?: MqttConnect;
  /** Default: the global `fetch` at the time of sending. */
  readonly fetch?: typeof fetch;
}

/** `idle` until the first log. `denied`: app or key refused; events are kept and tried again slowly. */
export interface LoggerStatus {
  readonly state: "idle" | LinkState | "closed";
  /** The transport in use, or being tried. */
  readonly transport: TransportKind;
}

/** Where all events are that were ever logged: these numbers add up to the number of calls. */
export interface LoggerCounts extends Totals {
  readonly queued: number;
  readonly inFlight: number;
}

/** Logs one event; returns its id, under which it can be found. Never throws, never waits. */
export type LogMethod = (body: string | Error, attributes?: Attributes | Error) => string;

/** A logger, or a child of one: both write to the same queue. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A logger whose events carry these attributes as well. */
  child(attributes: Attributes): Logger;
  /** Adds attributes to all later events of this logger and its children; `undefined` takes one away. */
  setContext(attributes: Attributes): void;
  /** Sends by another transport from now on, also what waits. `mqttUrl` as in {@link LoggerOptions}. */
  useTransport(transport: TransportMode, mqttUrl?: string): void;
  /** Sends what waits. `true` when a receipt accounts for everything, `false` after `timeoutMs` (default 10 s). */
  flush(timeoutMs?: number): Promise<boolean>;
  /** Flushes, then stops everything; what is left is counted as dropped. */
  close(timeoutMs?: number): Promise<void>;
  readonly status: LoggerStatus;
  readonly counts: LoggerCounts;
  /** Each of these returns what ends the subscription. Listeners are called after the current task's code. */
  onStatus(listener: (status: LoggerStatus) => void): () => void;
  onCounts(listener: (counts: LoggerCounts) => void): () => void;
  /** Tells of each event how it ended. */
  onSettled(listener: (settlements: readonly Settlement[]) => void): () => void;
}
