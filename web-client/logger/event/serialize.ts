/**
 * JSON of an event, within the contract's limits and with secrets redacted. Values beyond a limit are cut and marked, or
 * omitted and counted, so that the server stores a shorter event instead of rejecting it.
 */
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_ATTRIBUTE_VALUE_LENGTH,
  MAX_BODY_LENGTH,
  MAX_STACKTRACE_LENGTH,
} from "#contract/wire/limits.ts";
import type { Attributes } from "#contract/wire/attributes.ts";
import { CUT_MARK } from "./cut.ts";
import { REDACTED, redact, SECRET_NAME } from "./redact.ts";

/** The attribute with the number of omitted attributes, named after a field of OpenTelemetry's LogRecord. */
export const DROPPED_COUNT_KEY = "log.record.dropped_attributes_count";

/** Sum of the text lengths of an event, in UTF-16 code units. JSON takes at most six bytes each: below 1 MB. */
const MAX_EVENT_LENGTH = 160_000;

/** Whether a value has properties to serialise. Errors are serialised as text. */
export const isObject = (value: unknown): value is object =>
  !!value && typeof value === "object" && !(value instanceof Error);

/** JSON of `event`, whose last field is `attributes`. Throws if a getter of a value throws. */
export const serialize = (event: Attributes & { readonly attributes: Attributes }): string => {
  /** The objects that contain the current value: the event, its attributes, and so on. */
  const parents: unknown[] = [];
  let attributesLeft = MAX_ATTRIBUTE_COUNT - 1; // one is reserved for the count of omitted attributes
  let lengthLeft = MAX_EVENT_LENGTH;
  let dropped = (event.attributes[DROPPED_COUNT_KEY] as number | undefined) ?? 0; // by copyAttributes
  const json = JSON.stringify(event, function (this: unknown, key, value) {
    parents.length = parents.indexOf(this) + 1;
    const isAttribute = parents.length > 1;
    if (isAttribute) {
      if (!attributesLeft || key.length > MAX_ATTRIBUTE_KEY_LENGTH) {
        dropped++;
        return Array.isArray(this) ? [] : undefined;
      }
      attributesLeft--;
    }
    if (SECRET_NAME.test(key)) return REDACTED;
    if (value instanceof Map || value instanceof Set) value = [...value];
    if (isObject(value)) {
      if (parents.length > MAX_ATTRIBUTE_DEPTH || parents.includes(value)) return CUT_MARK;
      if (Array.isArray(value) && value.length > attributesLeft) {
        dropped += value.length - attributesLeft;
        value = value.slice(0, attributesLeft);
      }
      parents.push(value);
      return value;
    }
    // JSON has no functions and no undefined: JSON.stringify omits them.
    if (value == null || Number.isFinite(value) || /boolean|function/.test(typeof value)) return value;
    // `exception.message` or `exception.stacktrace`
    const isException = parents.length < 3 && /^exception\.[ms]/.test(key);
    const maxLength = isException ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH;
    const text = redact(String(value), Math.min(lengthLeft, isAttribute ? maxLength : MAX_BODY_LENGTH));
    lengthLeft -= key.length + text.length;
    return text;
  });
  return dropped ? `${json.slice(0, -2)},"${DROPPED_COUNT_KEY}":${dropped}}}` : json;
};
