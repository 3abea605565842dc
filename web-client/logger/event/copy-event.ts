/**
 * Copies the values of a log call, within the contract's limits and with secrets redacted. Values beyond a limit are cut and
 * marked, or omitted and counted, so that the server stores a shorter event instead of rejecting it. Values that cannot be
 * read are omitted and counted.
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
import type { LogRecord } from "../logger.ts";
import { late, isError, isObject, isPlain } from "./readable.ts";
import { CUT_MARK, REDACTED, redact, SECRET_NAME } from "./redact.ts";
import { read, stacktraceOf, titleOf } from "./stacktrace.ts";

/** The attribute with the number of omitted attributes, named after a field of OpenTelemetry's LogRecord. */
export const DROPPED_COUNT_KEY = "log.record.dropped_attributes_count";

/** Sum of the text lengths of an event, in UTF-16 code units. JSON takes at most six bytes each: with all keys below 1 MB. */
const MAX_EVENT_LENGTH = 140_000;

type Fields = Record<string, unknown>;
/** An object that JSON.stringify converts. In parsed JSON, `toJSON` can be any value. */
interface Convertible {
  readonly toJSON: (key: string) => unknown;
}
type CopiedEvent = Fields & { attributes: Attributes };

/** Values that contain the current one: the event, its attributes, and so on. */
type Parents = readonly unknown[];

/**
 * A copy of an event that contains only data. `sources` become its attributes; later ones take precedence, and one that is not
 * an object of attributes becomes the attribute `detail`. The first error in `fields` or `sources` adds its `exception.*`
 * attributes and its own properties (`error.code`). Never throws.
 */
export const copyEvent = (fields: Attributes, ...sources: readonly unknown[]): CopiedEvent => {
  const attributes: Fields = {};
  let attributesLeft = MAX_ATTRIBUTE_COUNT - 1; // one is reserved for the count of omitted attributes
  let lengthLeft = MAX_EVENT_LENGTH;
  let dropped = 0;
  let error: unknown;

  const attempt = (read: () => void): void => {
    try {
      read();
    } catch {
      dropped++;
    }
  };

  /** Throws if the value cannot be read. */
  const copy = (value: unknown, key: string, parents: Parents): unknown => {
    const [, isAttribute, isNested] = parents;
    const isTop = isAttribute && !isNested;
    if (SECRET_NAME.test(key)) return REDACTED;
    if (typeof value === "function") return "[Function]";
    if (isError(value)) {
      if (!error) {
        error = value;
        add(
          attributes,
          { type: read(value, "name"), message: read(value, "message"), stacktrace: stacktraceOf(value, textOf) },
          [fields],
          "exception.",
        );
        add(attributes, value, [fields], "error.");
      }
      // The error of the event is already in its attributes.
      if (value === error && isTop) return undefined;
      value = value === error ? titleOf(value) : stacktraceOf(value, textOf);
    }
    if (isObject(value)) {
      if (parents.length > MAX_ATTRIBUTE_DEPTH || parents.includes(value)) return CUT_MARK;
      if (typeof (value as Convertible).toJSON === "function") {
        value = (value as Convertible).toJSON(key) ?? String(value); // null for an invalid Date
      } else if (!Array.isArray(value) && !isPlain(value)) value = late._describe(value);
      if (isObject(value)) {
        value = add({}, value, parents);
        if (isAttribute || key !== "body") return value;
        value = JSON.stringify(value);
      }
    }
    if (isAttribute && (value == null || Number.isFinite(value) || typeof value === "boolean")) return value;
    const maxLength = isTop && /^exception\.[ms]/.test(key) ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH;
    const text = redact(String(value), Math.min(isAttribute ? maxLength : MAX_BODY_LENGTH, lengthLeft));
    lengthLeft = Math.max(0, lengthLeft - text.length); // a cut text has at least its mark
    return text;
  };

  /** Copies the properties of `source` to `result`. Throws if `source` cannot be read at all. */
  const add = (result: Fields, source: object, outer: Parents, prefix = ""): object => {
    const parents = [...outer, source];
    if (Array.isArray(source)) {
      result = [] as object as Fields;
      dropped += source.length - (source = source.slice(0, attributesLeft)).length;
    }
    for (const name of Object.keys(source)) {
      const key = prefix + name;
      attempt(() => {
        const value = (source as Attributes)[name];
        if (key === DROPPED_COUNT_KEY) dropped += value as number;
        // In parsed JSON, `__proto__` is a key like others. An assignment would set the prototype.
        else if (outer[0] && (!attributesLeft || key.length > MAX_ATTRIBUTE_KEY_LENGTH || key === "__proto__"))
          dropped++;
        else {
          if (outer[0]) attributesLeft--;
          result[key] = copy(value, key, parents);
        }
      });
    }
    return result;
  };

  const event = add({}, fields, []) as Fields;
  for (const source of sources) {
    attempt(() => add(attributes, isPlain(source) ? (source ?? {}) : { detail: source }, [fields]));
  }
  if (dropped) attributes[DROPPED_COUNT_KEY] = dropped;
  event["attributes"] = attributes;
  return event as CopiedEvent;
};

/** A copy of a log record whose `body` can be any value. If the body is an object, its contents also become attributes. */
export const copyRecord = (fields: Attributes, ...sources: readonly unknown[]): LogRecord => {
  const { body } = fields;
  const event = copyEvent(fields, isObject(body) ? body : undefined, ...sources);
  event["body"] ??= "[unreadable]";
  return event as object as LogRecord;
};

/** Text of any value: of an error its type and message, of an object its contents as JSON. Never throws. */
export const textOf = (body: unknown): string => copyRecord({ body }).body;
