/**
 * The documents in OpenSearch, their index names, and the tables of attributes with a typed field. The index templates are
 * generated from these tables. Documents are compatible with OpenSearch's Simple Schema for Observability.
 */
import type { Change } from "#contract/wire/change.ts";
import type { Dialect } from "#contract/wire/dialect.ts";
import type { RetentionDays } from "#contract/wire/limits.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { OtherProtocol } from "#contract/wire/intakes.ts";
import type { RejectReason } from "#contract/wire/reject-reason.ts";

/** OpenSearch type of a typed field. */
export type FieldType = "keyword" | "text" | "long" | "double";

/** The path of a typed field in the document, and its type. */
export interface FieldTarget {
  readonly path: readonly [string, ...string[]];
  readonly type: FieldType;
}

const keyword = (...path: [string, ...string[]]): FieldTarget => ({ path, type: "keyword" });
const text = (...path: [string, ...string[]]): FieldTarget => ({ path, type: "text" });
const long = (...path: [string, ...string[]]): FieldTarget => ({ path, type: "long" });
const double = (...path: [string, ...string[]]): FieldTarget => ({ path, type: "double" });

/** OpenTelemetry event attributes with a typed field. All others stay in `attributes`. */
export const TYPED_EVENT_FIELDS: Readonly<Record<string, FieldTarget>> = {
  "user.id": keyword("user", "id"),
  "user.name": keyword("user", "name"),
  "user.full_name": keyword("user", "full_name"),
  "user.email": keyword("user", "email"),
  "session.id": keyword("session", "id"),
  "organization.id": keyword("organization", "id"),
  "organization.name": keyword("organization", "name"),
  "organization.unit.id": keyword("organization", "unit", "id"),
  "exception.type": keyword("exception", "type"),
  "exception.message": text("exception", "message"),
  "exception.stacktrace": text("exception", "stacktrace"),
  "http.request.method": keyword("http", "request", "method"),
  "http.request.body.size": long("http", "request", "body", "size"),
  "http.response.status_code": long("http", "response", "status_code"),
  "http.response.body.size": long("http", "response", "body", "size"),
  "url.full": keyword("url", "full"),
  "url.path": keyword("url", "path"),
  "log.logger": keyword("log", "logger"),
  "log.tag": keyword("log", "tag"),
  "log.subtag": keyword("log", "subtag"),
  "thread.name": keyword("thread", "name"),
  "code.file.path": keyword("code", "file", "path"),
  "code.function.name": keyword("code", "function", "name"),
  "code.line.number": long("code", "line", "number"),
  "duration.ms": double("duration", "ms"),
};

/** OpenTelemetry resource attributes with a typed field. All others go to `resource.attributes`. */
export const TYPED_RESOURCE_FIELDS: Readonly<Record<string, FieldTarget>> = {
  "service.name": keyword("resource", "service", "name"),
  "service.version": keyword("resource", "service", "version"),
  "service.namespace": keyword("resource", "service", "namespace"),
  "deployment.environment.name": keyword("resource", "deployment", "environment", "name"),
  "deployment.environment.id": keyword("resource", "deployment", "environment", "id"),
  "app.id": keyword("resource", "app", "id"),
  "app.language": keyword("resource", "app", "language"),
  "device.id": keyword("resource", "device", "id"),
  "device.name": keyword("resource", "device", "name"),
  "device.manufacturer": keyword("resource", "device", "manufacturer"),
  "device.brand": keyword("resource", "device", "brand"),
  "device.serial": keyword("resource", "device", "serial"),
  "device.model.identifier": keyword("resource", "device", "model", "identifier"),
  "device.model.name": keyword("resource", "device", "model", "name"),
  "device.battery.percent": double("resource", "device", "battery", "percent"),
  "os.name": keyword("resource", "os", "name"),
  "os.version": keyword("resource", "os", "version"),
  "os.api_level": keyword("resource", "os", "api_level"),
  "browser.brands": keyword("resource", "browser", "brands"),
  "browser.language": keyword("resource", "browser", "language"),
  "browser.mobile": keyword("resource", "browser", "mobile"),
  "browser.platform": keyword("resource", "browser", "platform"),
  "user_agent.original": keyword("resource", "user_agent", "original"),
  "host.name": keyword("resource", "host", "name"),
  "telemetry.sdk.name": keyword("resource", "telemetry", "sdk", "name"),
  "telemetry.sdk.version": keyword("resource", "telemetry", "sdk", "version"),
};

/** The two attributes, in degrees, that become `geo.location`. */
export const GEO_FIELDS = { lat: "geo.location.lat", lon: "geo.location.lon" } as const;

/** The protocol over which a log arrived. */
export type Transport = "http" | "mqtt";

/** A field that ingest has shortened. */
export interface ShortenedField {
  /** Path of the field, such as `body` or `attributes.message`. */
  readonly field: string;
  /** Original length of a text in UTF-16 code units. Absent: values are missing. */
  readonly length?: number;
  /** The end of a text, which the field lacks; the field ends with `…` instead. Not searchable. */
  readonly rest?: string;
  /** Number of values that are missing. */
  readonly omitted?: number;
}

/** Values of `edgelog.sequence` for each payload. More than the events of a payload, see `MAX_BATCH_EVENTS`. */
export const SEQUENCES_PER_PAYLOAD = 1_024;

/** Metadata that ingest adds to a log. */
export interface IngestInfo {
  readonly app: string;
  readonly client?: string;
  readonly transport: Transport;
  readonly dialect: Dialect;
  /** The sender's time, if it was implausible and `@timestamp` is the time of arrival instead. */
  readonly claimedTime?: string;
  /** The sender's id, if it was not usable and the log has another one. */
  readonly claimedId?: string;
  /** Changes that ingest made to the event. */
  readonly changes?: readonly Change[];
  /** Nanoseconds of `@timestamp` after the millisecond. OpenSearch's dates have milliseconds, so logs are also sorted by it. */
  readonly nanos?: number;
  /**
   * Order of sending among logs with the same time and the same time of arrival. Absent in documents of older versions.
   */
  readonly sequence?: number;
  /** Time from the event to its arrival, in milliseconds. Negative if the sender's clock is ahead. */
  readonly lagMs?: number;
  /** Attributes as terms, see value-terms.ts. Not included in responses of the read routes. */
  readonly values?: readonly string[];
  /** Size of the document as JSON, without this field. Absent in documents of older versions. */
  readonly bytes?: number;
  /** Number of terms that `values` lacks because of its limits. */
  readonly omittedValues?: number;
  /**
   * Fields that were shortened because their sender cannot be changed.
   */
  readonly shortened?: readonly ShortenedField[];
}

/**
 * A document of the indices `logs-{retention}d-{period}`. Times are RFC 3339 in UTC with milliseconds; `@timestamp` has up to
 * nanoseconds if the event had them.
 */
export interface LogDocument {
  readonly "@timestamp": string;
  readonly observedTimestamp: string;
  readonly severity: { readonly text: Severity; readonly number: number };
  readonly body: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly resource?: Readonly<Record<string, unknown>>;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly geo?: { readonly location: { readonly lat: number; readonly lon: number } };
  /** Fingerprint: similar errors have the same key. See `group` in QUERY.md. */
  readonly error?: { readonly grouping_key: string };
  readonly log: { readonly record: { readonly uid: string } };
  readonly edgelog: IngestInfo;
  /** Fields of {@link TYPED_EVENT_FIELDS}: `user`, `session`, `exception`, … */
  readonly [field: string]: unknown;
}

/** A document of the indices `rejected-{day}`: an event or payload that was rejected. */
export interface RejectedDocument {
  readonly "@timestamp": string;
  /** The document's id, as a field to sort by. */
  readonly uid: string;
  readonly reason: RejectReason;
  readonly message: string;
  readonly field?: string;
  readonly limit?: number;
  /** `count`: the document contains this many rejected events; `id` and `index` are those of the first. Default: 1. */
  readonly event?: {
    readonly id?: string;
    readonly index?: number;
    readonly count?: number;
    /** With `over_quota` and `erased`: number of events by severity. */
    readonly severities?: Readonly<Partial<Record<Severity, number>>>;
  };
  /** The users that the payload names, for erasing it. */
  readonly users?: readonly string[];
  readonly edgelog: {
    readonly app?: string;
    readonly client?: string;
    readonly transport: Transport;
    readonly topic?: string;
    /** The protocol of the payload, if its route is another one than `POST /logs`, which would not read it the same way. */
    readonly protocol?: OtherProtocol;
    /** The `User-Agent` of the HTTP request. */
    readonly userAgent?: string;
    /** Size of the document as JSON, without this field. Absent in documents of older versions. */
    readonly bytes?: number;
  };
  /** The rejected event or payload: as text, or as base64 if it is not UTF-8. With `over_quota` and `erased` it has neither. */
  readonly payload: { readonly text?: string; readonly base64?: string; readonly bytes: number };
}

/** Index patterns for all logs, and for all rejected payloads. */
export const LOGS_INDEX_PATTERN = "logs-*";

/**
 * Alias of all indices with logs, by the naming convention of the Simple Schema for Observability: OpenSearch Dashboards' Observability
 * searches `ss4o_logs-*`.
 */
export const OBSERVABILITY_ALIAS = "ss4o_logs-edgelog-default";
export const REJECTED_INDEX_PATTERN = "rejected-*";

/** Names of the index templates of both patterns. */
export const LOGS_TEMPLATE = "edgelog-logs";
export const REJECTED_TEMPLATE = "edgelog-rejected";

/** Index pattern of alert rules and of usage. */
export const EDGELOG_INDEX_PATTERN = "edgelog-*";

/** The index of alert rules and their states. */
export const ALERTS_INDEX = "edgelog-alerts";

/** The index of logs with an implausible time: one for each class, so a resend on another day finds the first document. */
export const skewedLogsIndex = (retentionDays: RetentionDays): string => `logs-${retentionDays}d-skewed`;

/**
 * The index of logs whose event has an id but no time: one for each class, so a resend on another day finds the first
 * document.
 */
export const undatedLogsIndex = (retentionDays: RetentionDays): string => `logs-${retentionDays}d-undated`;

/**
 * The `_id` of a log: the same id in two apps is two logs. The id comes first, so that the ids of version 7 of all apps are in the
 * order of time: OpenSearch then finds quickly that an id is new.
 */
export const toDocumentId = (app: string, eventId: string): string => `${eventId}.${app}`;
