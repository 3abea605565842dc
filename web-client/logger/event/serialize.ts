/**
 * What the page said as JSON, within the contract's limits and without secrets. What is too long, too deep or too much
 * is cut and marked, or left out and counted, so that a log is stored with less rather than rejected.
 */
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_ATTRIBUTE_VALUE_LENGTH,
  MAX_BODY_LENGTH,
  MAX_STACKTRACE_LENGTH,
} from "#contract/wire/limits.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import { CUT_MARK } from "./cut.ts";
import { REDACTED, redact, SECRET_NAME } from "./redact.ts";

/** Says in an event how many of its attributes were left out (the name of OpenTelemetry's LogRecord field). */
export const DROPPED_COUNT_KEY = "log.record.dropped_attributes_count";

/** Texts of an event together, in UTF-16 code units: in JSON at most six bytes each, below the server's megabyte. */
const MAX_EVENT_LENGTH = 160_000;

/** Whether there is something to copy in a value. */
export const isTree = (value: unknown): value is object =>
  !!value && typeof value === "object" && !(value instanceof Error);

/** JSON of `whole`, whose last field is `attributes`. Throws where the page's own getters do. */
export const serialize = (whole: Attributes & { readonly attributes: Attributes }): string => {
  /** The outermost first. */
  const parents: unknown[] = [];
  let left = MAX_ATTRIBUTE_COUNT - 1; // one is kept for the count of what was left out
  let room = MAX_EVENT_LENGTH;
  let dropped = (whole.attributes[DROPPED_COUNT_KEY] as number | undefined) ?? 0; // of a snapshot
  const json = JSON.stringify(whole, function (this: unknown, key, value) {
    parents.length = parents.indexOf(this) + 1;
    if (parents[1]) {
      if (!left || key[MAX_ATTRIBUTE_KEY_LENGTH]) {
        dropped++;
        return Array.isArray(this) ? [] : undefined;
      }
      left--;
    }
    if (SECRET_NAME.test(key)) return REDACTED;
    if (value instanceof Map || value instanceof Set) value = [...value];
    if (isTree(value)) {
      if (parents[MAX_ATTRIBUTE_DEPTH] || parents.includes(value)) return CUT_MARK;
      if (Array.isArray(value) && value.length > left) {
        dropped += value.length - left;
        value = value.slice(0, left);
      }
      parents.push(value);
      return value;
    }
    // Booleans stay. JSON has no undefined and no functions: they are left out without a word.
    if (value == null || Number.isFinite(value) || /ea|f/.test(typeof value)) return value;
    const isLong = !parents[2] && /^exception\.[sm]/.test(key);
    const max = isLong ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH;
    const text = redact(String(value), Math.min(room, parents[1] ? max : MAX_BODY_LENGTH));
    room -= key.length + text.length;
    return text;
  });
  return dropped ? `${json.slice(0, -2)},"${DROPPED_COUNT_KEY}":${dropped}}}` : json;
};
