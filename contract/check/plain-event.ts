/**
 * Fast checks of events and of the fields around them. The schemas in `wire/` define what is valid; these functions recognise
 * the values that nearly all senders send, without creating an object for each field. For any other value, valid or not, the
 * caller uses the schema.
 */
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { normalizeEvent } from "#contract/check/normalize-event.ts";
import { normalizeTime } from "#contract/check/normalize-time.ts";
import type { BatchHead } from "#contract/wire/batch.ts";
import { BATCH_VERSION } from "#contract/wire/batch-version.ts";
import { MAX_BODY_LENGTH, MAX_TIME_NUMBER_MS } from "#contract/wire/limits.ts";
import { isObject, type JsonObject } from "#contract/wire/json-object.ts";
import type { LogEvent } from "#contract/wire/log-event.ts";
import { DEFAULT_SEVERITY, SEVERITY_NUMBERS } from "#contract/wire/severity.ts";
import { isUuid } from "#contract/wire/uuid.ts";

const isOptionalFields = (value: unknown): boolean => value === undefined || isObject(value);

const isOptionalId = (value: unknown): boolean => value === undefined || isUuid(value);

const isOptionalTime = (value: unknown): boolean =>
  value === undefined ||
  (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TIME_NUMBER_MS);

const isOptionalSeverity = (value: unknown): boolean =>
  value === undefined || (typeof value === "string" && Object.hasOwn(SEVERITY_NUMBERS, value));

const isPlainEventField = (key: string, value: unknown): boolean => {
  switch (key) {
    case "id":
      return isOptionalId(value);
    case "time":
      return isOptionalTime(value);
    case "severity":
      return isOptionalSeverity(value);
    case "body":
      return typeof value === "string" && value.length <= MAX_BODY_LENGTH;
    case "attributes":
      return isOptionalFields(value);
    // A trace context is checked by the schema.
    case "traceId":
    case "spanId":
      return value === undefined;
    default:
      return false;
  }
};

/** RFC 3339 or milliseconds: a time that normalizeEvent has converted. */
const isNormalTime = (time: unknown): boolean =>
  typeof time === "string"
    ? normalizeTime(time) !== undefined && !Number.isNaN(Date.parse(time))
    : isOptionalTime(time);

/** Whether an event is valid after it is normalized. Ids of traces that are not usable are left out then. */
export const isStorableEvent = (sent: unknown): boolean => {
  const { value } = normalizeEvent(sent);
  if (!isObject(value) || value["body"] === undefined) return false;
  const { time, traceId: _traceId, spanId: _spanId, attributes, ...others } = value;
  if (!isNormalTime(time) || !Object.entries(others).every(([key, each]) => isPlainEventField(key, each))) return false;
  return attributes === undefined || (isObject(attributes) && checkAttributes(attributes, "attributes") === undefined);
};

const toLowerCase = (id: unknown): string | undefined => (id as string | undefined)?.toLowerCase();

/** The event as `logEventSchema` returns it. `undefined`: use the schema. */
export const toPlainEvent = (value: unknown): LogEvent | undefined => {
  if (!isObject(value)) return undefined;
  for (const key in value) if (!isPlainEventField(key, value[key])) return undefined;
  const { id, severity, body } = value;
  if (body === undefined) return undefined;
  const lowerId = toLowerCase(id);
  if (severity !== undefined && id === lowerId) return value as unknown as LogEvent;
  return { ...value, id: lowerId, severity: severity ?? DEFAULT_SEVERITY } as unknown as LogEvent;
};

const isPlainBatchField = (key: string, value: unknown): boolean => {
  switch (key) {
    case "v":
      return value === BATCH_VERSION;
    case "id":
      return isOptionalId(value);
    case "resource":
    case "attributes":
      return isOptionalFields(value);
    case "events":
      return Array.isArray(value) && value.length > 0;
    default:
      return false;
  }
};

/** The batch as `batchHeadSchema` returns it. `undefined`: use the schema. */
export const toPlainBatch = (value: JsonObject): BatchHead | undefined => {
  for (const key in value) if (!isPlainBatchField(key, value[key])) return undefined;
  const { v, id, events } = value;
  if (v === undefined || events === undefined) return undefined;
  const lowerId = toLowerCase(id);
  return (id === lowerId ? value : { ...value, id: lowerId }) as unknown as BatchHead;
};
