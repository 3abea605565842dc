/**
 * All limits that a client can exceed. Units: `_BYTES` are bytes as sent, `_LENGTH` is in UTF-16 code units
 * (JavaScript's `string.length`), `_MS`, `_MINUTES` and `_DAYS` are durations, all others are numbers of items.
 *
 * Rejected events and failed requests report the limit they exceeded in `limit`. PROTOCOL.md lists the same numbers.
 */
import { MINUTE_MS } from "./durations.ts";

/**
 * Maximum size of the body of `POST /logs`. Checked as sent, and again after decompression. Exceeded: 413 `too_large`.
 */
export const MAX_REQUEST_BYTES = 1_048_576;

/**
 * Maximum size of the payload of one MQTT PUBLISH, as sent and after decompression. Exceeded after decompression: `too_large`. As sent, only
 * {@link MAX_PACKET_BYTES} is checked.
 */
export const MAX_MESSAGE_BYTES = 1_048_576;

/**
 * Maximum size of an MQTT packet with header, topic and properties: the broker's `max_packet_size`. Exceeded: it
 * disconnects the client.
 */
export const MAX_PACKET_BYTES = MAX_MESSAGE_BYTES + 65_536;

/**
 * Maximum size of the Correlation Data that a receipt over MQTT returns. A receipt waits in the memory of the broker if its client is
 * disconnected, and the broker's limits count the payload only. Exceeded: it is not returned.
 */
export const MAX_CORRELATION_DATA_BYTES = 256;

/** Maximum length of the Response Topic, for the same reason. Exceeded: no receipt. */
export const MAX_RESPONSE_TOPIC_LENGTH = 1_024;

/**
 * Maximum length of the rejected events that a receipt over MQTT describes completely, as JSON. Exceeded: it has index and reason of
 * the other ones. 1,000 events of one byte would otherwise become a receipt of 100 KB, or of 1 MB with long names of fields.
 */
export const MAX_RECEIPT_DETAILS_LENGTH = 8_192;

/**
 * Message Expiry Interval of a receipt over MQTT, in seconds. A client without a receipt sends its batch again, so it does not need an old one.
 */
export const RECEIPT_EXPIRY_SECONDS = 3_600;

/** Maximum number of events in one batch, JSON array or NDJSON payload. Exceeded: `too_many_events`. */
export const MAX_BATCH_EVENTS = 1_000;

/** Maximum length of an event's `body`. OpenSearch does not limit text fields. Exceeded: `too_long`. */
export const MAX_BODY_LENGTH = 131_072;

/**
 * Maximum number of leaf values in `attributes` or `resource`: OpenTelemetry's default AttributeCountLimit. Exceeded:
 * `too_many_attributes`.
 */
export const MAX_ATTRIBUTE_COUNT = 128;

/** Maximum nesting of attributes: `{"a":{"b":1}}` has depth 2. Exceeded: `too_deep`. */
export const MAX_ATTRIBUTE_DEPTH = 8;

/** Maximum nesting of a payload, checked before it is parsed. A valid batch needs 11 levels. Exceeded: `too_deep`. */
export const MAX_JSON_DEPTH = 32;

/**
 * Maximum number of members of all objects and arrays of a payload, checked before it is parsed. A valid batch has
 * fewer. Exceeded: `too_many_attributes`.
 */
export const MAX_JSON_MEMBERS = 200_000;

/**
 * Maximum number of values of equal keys that one object keeps, after the first of each. Exceeded: further ones are left out, and a line of
 * logfmt is text. A small compressed payload could otherwise occupy the Worker for seconds.
 */
export const MAX_EQUAL_KEYS = 16;

/** Maximum length of an attribute key. Exceeded: `too_long`. */
export const MAX_ATTRIBUTE_KEY_LENGTH = 128;

/**
 * Maximum length of a string attribute value. `flat_object` indexes path and value as one Lucene term, which can have
 * 32,766 bytes: 3 bytes × (8,192 + 8 × 128) is less. Exceeded: `too_long`.
 */
export const MAX_ATTRIBUTE_VALUE_LENGTH = 8_192;

/**
 * Maximum length of `exception.stacktrace` and `exception.message`, which are text fields and not single terms.
 * Exceeded: `too_long`.
 */
export const MAX_STACKTRACE_LENGTH = 32_768;

/**
 * Maximum total length of the keys and string values of a batch's `resource`, and the same for its `attributes`. Every
 * document repeats them: 1,000 events with a resource of 1 MB would become 1 GB. Exceeded: `too_long`.
 */
export const MAX_SHARED_LENGTH = 16_384;

/**
 * Maximum size of a resource, as JSON in a document, to which attributes of an event are added. It is serialized again for each such event:
 * with a larger one, a small compressed request would occupy the Worker for seconds.
 */
export const MAX_EXTENDED_RESOURCE_BYTES = 65_536;

/** Maximum length of an app id. */
export const MAX_APP_ID_LENGTH = 64;

/** Maximum length of an MQTT client id. */
export const MAX_CLIENT_ID_LENGTH = 128;

/**
 * Maximum size of one MQTT packet from a live tail client to the Worker. Exceeded: the Worker disconnects with
 * `too_large`.
 */
export const MAX_TAIL_REQUEST_BYTES = 32_768;

/** Maximum number of topic filters of one live tail. Exceeded: the Worker disconnects with `too_many_filters`. */
export const MAX_TAIL_FILTERS = 256;

/**
 * Maximum number of bytes sent to a live tail that it has not confirmed. Exceeded: messages are skipped and counted.
 */
export const MAX_TAIL_UNREAD_BYTES = 262_144;

/**
 * Maximum number of open live tails of one reader token in one isolate of the Worker. Each message of an app is sent to each
 * of its tails. Exceeded: `rate_limited`.
 */
export const MAX_READER_TAILS = 16;

/** Maximum number of open live tails in one isolate of the Worker. Exceeded: `rate_limited`. */
export const MAX_TAILS = 128;

/** Maximum size of the body of `POST /relay`. */
export const MAX_RELAY_REQUEST_BYTES = 8_388_608;

/**
 * Maximum difference between the clocks of relay and Worker. Events without a time get the time of the relay, and
 * retention depends on it. Exceeded: 409 `clock_skew`, and nothing is stored.
 */
export const MAX_RELAY_CLOCK_SKEW_MS = 2 * MINUTE_MS;

/** Maximum number of messages in one `POST /relay`. */
export const MAX_RELAY_MESSAGES = 5_000;

/**
 * Maximum number of events that one `POST /relay` stores. Further messages are deferred. Bounds the Worker's memory.
 */
export const MAX_RELAY_EVENTS = 10_000;

/**
 * Maximum size of all documents that one `POST /relay` creates, as JSON. Further messages are deferred. Bounds the
 * Worker's memory.
 */
export const MAX_RELAY_DOCUMENT_BYTES = 8_388_608;

/**
 * Maximum size of all documents that one payload becomes, as JSON. Fields shared by a batch are repeated in each
 * document: a batch of 400 bytes of gzip could otherwise become 240 MB. Exceeded: the whole payload is rejected as
 * `too_large`.
 */
export const MAX_PAYLOAD_DOCUMENT_BYTES = 8_388_608;

/**
 * Maximum number of terms in `edgelog.values` of one document. Exceeded: further terms are left out, and
 * `edgelog.omittedValues` counts them.
 */
export const MAX_VALUE_TERMS = 256;

/**
 * Maximum total length of the terms of one document. A term contains the path of its value. Exceeded: the same as for {@link MAX_VALUE_TERMS}.
 */
export const MAX_VALUE_TERMS_LENGTH = 16_384;

/**
 * Maximum total length of the shared fields that the rejected events of a batch repeat: length × rejected events.
 * Exceeded: the rejected store has one document for each reason instead of one for each event.
 */
export const MAX_REPEATED_SHARED_LENGTH = 65_536;

/**
 * How far an event's time may be ahead of the server's clock. Exceeded: the time of arrival replaces it. Otherwise a device that
 * sends its local time as UTC would stay on top of every list for hours.
 */
export const MAX_CLOCK_AHEAD_MS = 10 * MINUTE_MS;

/**
 * Largest `time`, in milliseconds since 1970: the end of the year 9999, the last one in RFC 3339. Exceeded:
 * `invalid_field`.
 */
export const MAX_TIME_MS = 253_402_300_799_999;

/**
 * Largest `time` as a number of milliseconds, in the year 5138. Numbers with more digits are microseconds or nanoseconds, which become
 * milliseconds before the event is validated.
 */
export const MAX_TIME_NUMBER_MS = 99_999_999_999_999;

/** Maximum number of hits on one page of `GET /search`. */
export const MAX_SEARCH_LIMIT = 1_000;

/** Maximum length of a query, the parameter `q` of the read routes. */
export const MAX_QUERY_LENGTH = 1_024;

/** Maximum number of words, fields and groups in one query. */
export const MAX_QUERY_NODES = 64;

/**
 * Maximum work for one pattern of a query, see query/pattern-work.ts. OpenSearch refuses a search above about 100,000, after seconds.
 */
export const MAX_PATTERN_WORK = 2_000;

/** Maximum levels of nested parentheses and negations in a query. */
export const MAX_QUERY_DEPTH = 16;

/** Maximum length of the parameter `cursor`. */
export const MAX_CURSOR_LENGTH = 4_096;

/** Maximum number of logs that `GET /context` returns on each side of an event. */
export const MAX_CONTEXT_LIMIT = 200;

/** Maximum number of rejected payloads on one page of `GET /rejected`. One payload can have 1 MB. */
export const MAX_REJECTED_LIMIT = 100;

/** Maximum number of buckets of one `GET /histogram`. */
export const MAX_HISTOGRAM_BUCKETS = 500;

/** Maximum number of fields in one `GET /facets`. */
export const MAX_FACET_FIELDS = 16;

/** Maximum number of values of one facet. */
export const MAX_FACET_VALUES = 100;

/** Maximum number of error groups in one response to `GET /groups`. */
export const MAX_GROUPS = 100;

/** Days of `GET /usage`. */
export const MAX_USAGE_DAYS = 90;

/** Maximum number of columns of a CSV export. */
export const MAX_EXPORT_COLUMNS = 64;

/** Maximum length of an alert's name. */
export const MAX_ALERT_NAME_LENGTH = 128;

/** Longest window of an alert: one day. */
export const MAX_ALERT_WINDOW_MINUTES = 1_440;

/** Maximum length of an alert's webhook URL. */
export const MAX_WEBHOOK_URL_LENGTH = 2_048;

/** Maximum number of alert rules of one deployment. */
export const MAX_ALERT_RULES = 1_000;

/** Retention of rejected payloads in days. */
export const REJECTED_RETENTION_DAYS = 30;

/** The retention classes of apps. Each class has its own indices, so the list is short. */
export const RETENTION_CLASSES_DAYS = [7, 30, 90, 365] as const;

/** One of {@link RETENTION_CLASSES_DAYS}. */
export type RetentionDays = (typeof RETENTION_CLASSES_DAYS)[number];
