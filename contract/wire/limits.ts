/**
 * Every limit that a sender can meet, with its unit in its name. PROTOCOL.md lists the same numbers for people.
 * Lengths are UTF-16 code units (JavaScript's `string.length`); bytes are bytes of UTF-8 on the wire.
 */

/** Body of `POST /logs`, as sent and once more after decompression. */
export const MAX_REQUEST_BYTES = 1_048_576;

/** Payload of one MQTT PUBLISH. The broker's `max_packet_size` leaves room for topic and properties on top. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** A whole PUBLISH, with topic, properties and header: the broker's `max_packet_size`. */
export const MAX_PACKET_BYTES = MAX_MESSAGE_BYTES + 65_536;

/** Events in one batch, NDJSON body or relayed message. */
export const MAX_BATCH_EVENTS = 1_000;

/** `body` of an event. OpenSearch has no bound for text; this one keeps a single log readable. */
export const MAX_BODY_LENGTH = 131_072;

/** Leaf values in an event's `attributes` (OpenTelemetry's default AttributeCountLimit), and in a batch's `resource`. */
export const MAX_ATTRIBUTE_COUNT = 128;

/** Nesting of an attribute value: `{"a":{"b":1}}` has depth 2. */
export const MAX_ATTRIBUTE_DEPTH = 8;

/** Nesting of a payload as a whole, seen before it is read: a batch's attributes end at 11. */
export const MAX_JSON_DEPTH = 32;

/** Members of all objects and arrays of a payload, seen before it is read: more than a full batch can have. */
export const MAX_JSON_MEMBERS = 200_000;

/** One attribute key. */
export const MAX_ATTRIBUTE_KEY_LENGTH = 128;

/**
 * One attribute value that is a string. `flat_object` indexes path and value as one Lucene term of at most 32,766
 * bytes: 3 bytes × (8,192 + 8 × 128) stays below it.
 */
export const MAX_ATTRIBUTE_VALUE_LENGTH = 8_192;

/** `exception.stacktrace` and `exception.message`, which are text and not terms. */
export const MAX_STACKTRACE_LENGTH = 32_768;

/**
 * Keys and string values of a batch's `resource`, and of its shared `attributes`, added up. Each document repeats them:
 * a thousand events with a resource of a megabyte would become a gigabyte.
 */
export const MAX_SHARED_LENGTH = 16_384;

/** App id, which is also the MQTT user name. */
export const MAX_APP_ID_LENGTH = 64;

/** MQTT client id as part of a topic. */
export const MAX_CLIENT_ID_LENGTH = 128;

/** One MQTT packet from a live tail to the Worker: credentials, or a list of topic filters. */
export const MAX_TAIL_REQUEST_BYTES = 32_768;

/** Topic filters that a live tail may have. */
export const MAX_TAIL_FILTERS = 256;

/** What is on its way to a live tail and not yet read by it. Beyond, messages are left out and counted. */
export const MAX_TAIL_UNREAD_BYTES = 262_144;

/** Body of `POST /relay`: many messages in one frame. */
export const MAX_RELAY_REQUEST_BYTES = 8_388_608;

/** Messages in one `POST /relay`. */
export const MAX_RELAY_MESSAGES = 5_000;

/** Events that one `POST /relay` stores at the most; messages beyond are deferred. Bounds memory, whatever senders pack. */
export const MAX_RELAY_EVENTS = 10_000;

/** Documents that one `POST /relay` makes at the most, in UTF-16 code units of JSON; as {@link MAX_RELAY_EVENTS}. */
export const MAX_RELAY_SOURCE_LENGTH = 16_777_216;

/** How far ahead of the server an event's time may be before it is replaced by the time of arrival. */
export const MAX_CLOCK_AHEAD_MS = 86_400_000;

/** The latest `time` that is a time: the end of the year 9999, as far as RFC 3339 reaches. */
export const MAX_TIME_MS = 253_402_300_799_999;

/** Hits that `GET /search` returns at most. */
export const MAX_SEARCH_LIMIT = 1_000;

/** `q` of `GET /search`. */
export const MAX_QUERY_LENGTH = 1_024;

/** Words, fields and groups in one query. */
export const MAX_QUERY_NODES = 64;

/** Parentheses and negations inside one another in a query. */
export const MAX_QUERY_DEPTH = 16;

/** `cursor` of a page. */
export const MAX_CURSOR_LENGTH = 4_096;

/** Logs that `GET /context` returns at most on each side of an event. */
export const MAX_CONTEXT_LIMIT = 200;

/** Rejected payloads that `GET /rejected` returns at most; each may have a megabyte. */
export const MAX_REJECTED_LIMIT = 100;

/** Buckets of `GET /histogram`. */
export const MAX_HISTOGRAM_BUCKETS = 500;

/** Fields of one `GET /facets`. */
export const MAX_FACET_FIELDS = 16;

/** Values of one facet. */
export const MAX_FACET_VALUES = 100;

/** Groups of `GET /groups`. */
export const MAX_GROUPS = 100;

/** Columns of a CSV. */
export const MAX_EXPORT_COLUMNS = 64;

/** Name of an alert. */
export const MAX_ALERT_NAME_LENGTH = 128;

/** The longest time that an alert counts over: a day. */
export const MAX_ALERT_WINDOW_MINUTES = 1_440;

/** Webhook of an alert. */
export const MAX_WEBHOOK_URL_LENGTH = 2_048;

/** Alert rules of one deployment. */
export const MAX_ALERT_RULES = 1_000;

/** Rejected payloads are kept this long. */
export const REJECTED_RETENTION_DAYS = 30;

/** Retention classes an app may have; each is a part of index names, so the list is short. */
export const RETENTION_CLASSES_DAYS = [7, 30, 90, 365] as const;

/** One of {@link RETENTION_CLASSES_DAYS}. */
export type RetentionDays = (typeof RETENTION_CLASSES_DAYS)[number];
