/**
 * The words of the ingest core: what comes in, what a decoder makes of it, what becomes of each event.
 * Everything in this folder is pure but `ingest.ts`, which is handed its two ports.
 */
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Dialect, Transport } from "#contract/store/log-document.ts";
import type { RetentionDays } from "#contract/wire/limits.ts";
import type { TraceContext } from "#contract/wire/trace-context.ts";
import type { Violation } from "#contract/wire/reject-reason.ts";

/** One delivery: an MQTT message or an HTTP body. */
export interface Delivery {
  /** UUIDv7 of the arrival. Gives an id and a time to events that bring none. */
  readonly stamp: string;
  readonly transport: Transport;
  /** The app that the sender proved to be; `undefined` when the topic names none. */
  readonly app: string | undefined;
  readonly client?: string | undefined;
  readonly topic?: string | undefined;
  /** The request's `User-Agent`: what it says holds where the payload says nothing. */
  readonly userAgent?: string | undefined;
  readonly payload: Uint8Array;
}

/** How long an app's logs are kept; the logs of a disabled app are not taken. */
export type AppRetention = RetentionDays | "disabled";

/** An event as its decoder found it: a value still to be validated, or a part of the payload that can't be read. */
export type RawEvent =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly violation: Violation; readonly raw: unknown };

/** What every decoder makes of a payload: our batch, with events still unread. */
export interface DecodedPayload {
  readonly dialect: Dialect;
  readonly batchId?: string | undefined;
  readonly resource?: Attributes | undefined;
  readonly attributes?: Attributes | undefined;
  /** Holds for events that have none of their own. */
  readonly trace?: TraceContext | undefined;
  readonly events: readonly RawEvent[];
}

/** Outcome of a step that bad input can fail. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violation: Violation };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (violation: Violation): Result<never> => ({ ok: false, violation });
