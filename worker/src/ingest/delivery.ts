/**
 * The input of the ingest core, and the common form of all decoded payloads.
 * Everything in this folder is pure except `ingest.ts`, which gets its two ports as an argument.
 */
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Change } from "#contract/wire/change.ts";
import type { OtherProtocol, Intake } from "#contract/wire/intakes.ts";
import type { Dialect } from "#contract/wire/dialect.ts";
import type { ShortenedField, Transport } from "#contract/store/log-document.ts";
import type { RetentionDays } from "#contract/wire/limits.ts";
import type { TraceContext } from "#contract/wire/trace-context.ts";
import type { Violation } from "#contract/wire/violation.ts";

/** How to read the body of an Elasticsearch bulk request. */
export interface BulkOptions {
  /** The index of actions without `_index`. */
  readonly index?: string | undefined;
  /** The position of the payload among those of one request: parts with the same content have different ids. Default: 0. */
  readonly part?: number | undefined;
}

/** How to read the units of a request of another log service, see `decoders/intakes.ts`. */
export interface IntakeOptions {
  readonly name: Intake;
  /** Values of the protocol in headers and in the query string. */
  readonly params: Readonly<Record<string, string>>;
  /** The id that the sender gives a request and its repetitions. Default: the content of the request identifies it. */
  readonly requestId?: string | undefined;
  /** The position of the payload among those of one request. */
  readonly part: number;
}

/** One payload with its origin: an MQTT message, or the body of a `POST /logs`. */
export interface Delivery {
  /** UUIDv7 created on arrival. Events without an id or a time get both from it. */
  readonly stamp: string;
  readonly transport: Transport;
  /** The authenticated app. `undefined` when the MQTT topic contains no app id. */
  readonly app: string | undefined;
  /** MQTT client id. Absent over HTTP. */
  readonly client?: string | undefined;
  /** MQTT topic. Absent over HTTP. */
  readonly topic?: string | undefined;
  /** The request's `User-Agent`. Used only when the payload's resource has no `user_agent.original`. */
  readonly userAgent?: string | undefined;
  /** Bytes as sent. May be gzip. */
  readonly payload: Uint8Array;
  /** The payload is the body of an Elasticsearch bulk request. Default: its format is recognized by its shape. */
  readonly bulk?: BulkOptions | undefined;
  /** The payload has the units of a protocol, one on each line. Default: its format is recognized by its shape. */
  readonly intake?: IntakeOptions | undefined;
  /** The protocol of a payload that only its own route can read. Default: that of `bulk` or `intake`, if one of them is set. */
  readonly protocol?: OtherProtocol | undefined;
  /** Reject the payload without decoding it, because of its topic or its encoding. */
  readonly violation?: Violation | undefined;
  /** Reject the payload without decoding it, because processing it has failed repeatedly. Default: false. */
  readonly setAside?: boolean | undefined;
  /** The rejected store has the payload, so it is not stored as rejected again. Default: false. */
  readonly isReplay?: boolean | undefined;
}

/** How many days an app's logs are stored. All events of a disabled app are rejected. */
export type AppRetention = RetentionDays | "disabled";

/** One event before validation: a JSON value, or a piece of the payload that could not be parsed. */
export type RawEvent =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** Default: the dialect of the payload. */
      readonly dialect?: Dialect;
      /** The event's own resource. Default: the resource of the payload. */
      readonly resource?: Attributes;
      /** The member that the time is from, if it can be the time of something else, such as the `date` of an invoice. */
      readonly doubtfulTime?: { readonly key: string; readonly value: unknown };
      /** The original value or text, if `value` is made from it. */
      readonly raw?: unknown;
      /** Fields that the decoder has shortened, because the sender cannot be changed. */
      readonly shortened?: readonly ShortenedField[];
      /** Changes before validation. */
      readonly changes?: readonly Change[];
    }
  | { readonly ok: false; readonly violation: Violation; readonly raw: unknown };

/** A decoded payload in the form of a batch. Its events are not validated yet. */
export interface DecodedPayload {
  readonly dialect: Dialect;
  readonly batchId?: string | undefined;
  /** A UUID derived from the content, for senders that send no ids and repeat a request unchanged. */
  readonly contentId?: string | undefined;
  readonly resource?: Attributes | undefined;
  /** Attributes shared by all events of the batch. */
  readonly attributes?: Attributes | undefined;
  /** Applied to events without a trace context. */
  readonly trace?: TraceContext | undefined;
  readonly events: readonly RawEvent[];
  /** Changes to the fields that all events share. */
  readonly changes?: readonly Change[];
}
