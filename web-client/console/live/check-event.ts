/**
 * Validates an event without zod, which is larger than mqtt.js. Every event that passes also passes `logEventSchema` in
 * contract/wire/log-event.ts. The reverse is not guaranteed; such an event is shown when it is stored.
 */
import { hasExactNumber } from "#contract/check/exact-number.ts";
import { existsInCalendar } from "#contract/check/calendar-time.ts";
import { normalizeEvent, type NormalizedEvent } from "#contract/check/normalize-event.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { MAX_BODY_LENGTH, MAX_TIME_NUMBER_MS } from "#contract/wire/limits.ts";
import { isObject } from "#contract/wire/json-object.ts";
import type { Attributes, LogEvent } from "#contract/wire/log-event.ts";
import { isUuid } from "#contract/wire/uuid.ts";
import { DEFAULT_SEVERITY, SEVERITIES, type Severity } from "#contract/wire/severity.ts";

const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const FIELDS: Readonly<Record<keyof LogEvent, true>> = {
  id: true,
  time: true,
  severity: true,
  body: true,
  attributes: true,
  traceId: true,
  spanId: true,
};

export const toAttributes = (value: unknown): Attributes | "malformed" | undefined => {
  if (value === undefined) return undefined;
  return isObject(value) ? value : "malformed";
};

const isDateTime = (text: string): boolean => {
  const [, local] = DATE_TIME.exec(text) ?? [];
  return local !== undefined && existsInCalendar(local);
};

const isTime = (time: unknown): time is number | string =>
  typeof time === "string"
    ? isDateTime(time)
    : Number.isSafeInteger(time) && (time as number) >= 0 && (time as number) <= MAX_TIME_NUMBER_MS;

const isSeverity = (value: unknown): value is Severity => (SEVERITIES as readonly unknown[]).includes(value);

const isAbsentOr = (pattern: RegExp, value: unknown): value is string | undefined =>
  value === undefined || (typeof value === "string" && pattern.test(value));

/** A valid event, and what was changed to make it valid. */
export interface CheckedEvent extends Omit<NormalizedEvent, "value"> {
  readonly event: LogEvent;
}

/**
 * Returns `undefined` for an event that the Worker may reject, and for one with a number that a double cannot represent.
 */
export const checkEvent = (sent: unknown): CheckedEvent | undefined => {
  const { value, ...normalized } = normalizeEvent(sent);
  const event = hasExactNumber(value) ? undefined : toEvent(value);
  return event === undefined ? undefined : { ...normalized, event };
};

const toEvent = (value: unknown): LogEvent | undefined => {
  if (typeof value !== "object" || value === null || Object.keys(value).some((key) => !Object.hasOwn(FIELDS, key)))
    return undefined;
  const { id, time, severity = DEFAULT_SEVERITY, body, attributes, traceId, spanId } = value as Record<string, unknown>;
  if (typeof body !== "string" || body.length > MAX_BODY_LENGTH || !isSeverity(severity)) return undefined;
  if ((id !== undefined && !isUuid(id)) || (time !== undefined && !isTime(time))) return undefined;
  if (!isAbsentOr(TRACE_ID, traceId) || !isAbsentOr(SPAN_ID, spanId)) return undefined;
  const own = toAttributes(attributes);
  if (own === "malformed" || (own && checkAttributes(own, "attributes") !== undefined)) return undefined;
  return { id: id?.toLowerCase(), time, severity, body, attributes: own, traceId, spanId };
};
