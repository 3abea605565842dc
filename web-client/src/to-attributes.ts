/**
 * A copy of what the page passed as attributes, as JSON and within the contract's limits. What is too long, too deep or
 * too much is cut and marked, so that a log is stored with less rather than rejected. Never throws.
 */
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_ATTRIBUTE_VALUE_LENGTH,
  MAX_STACKTRACE_LENGTH,
} from "../../contract/limits.ts";
import type { Attributes } from "../../contract/log-event.ts";
import { cut } from "./cut.ts";
import { readProperty } from "./merge-attributes.ts";

/** Says in an event how many of its attributes were left out (the name of OpenTelemetry's LogRecord field). */
export const DROPPED_COUNT_KEY = "log.record.dropped_attributes_count";

const LONG_TEXTS: readonly string[] = ["exception.stacktrace", "exception.message"];

/** What `JSON.stringify` would see: dates, URLs and the like say themselves how they look. */
const toPlain = (value: object): unknown => {
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (value instanceof Map || value instanceof Set) return [...value];
    return "toJSON" in value && typeof value.toJSON === "function" ? (value.toJSON() as unknown) : value;
  } catch {
    return "[unreadable]";
  }
};

/** `maxValueLength` may be made smaller for an event that is too large as a whole. */
export const toAttributes = (input: object, maxValueLength = MAX_ATTRIBUTE_VALUE_LENGTH): Attributes => {
  const ancestors: object[] = [];
  let left = MAX_ATTRIBUTE_COUNT - 1; // one is kept for the count of what was dropped
  let dropped = 0;

  const copyObject = (value: object, depth: number): unknown => {
    if (ancestors.includes(value)) return "[circular]";
    if (depth > MAX_ATTRIBUTE_DEPTH) return "[too deep]";
    ancestors.push(value);
    const isArray = Array.isArray(value);
    const keys = isArray ? [...value.keys()].slice(0, left + 1) : Object.keys(value);
    if (isArray) dropped += value.length - keys.length;
    const entries: [string, unknown][] = [];
    for (const key of keys.map(String)) {
      const copied = left > 0 ? copy(readProperty(value, key), key, depth) : undefined;
      if (copied !== undefined) entries.push([cut(key, MAX_ATTRIBUTE_KEY_LENGTH), copied]);
      else if (left <= 0) dropped += 1;
    }
    ancestors.pop();
    return isArray ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
  };

  const copy = (raw: unknown, key: string, depth: number): unknown => {
    const value = typeof raw === "object" && raw !== null ? toPlain(raw) : raw;
    if (value === undefined || typeof value === "function") return undefined;
    if (typeof value === "object" && value !== null) {
      left -= 1; // so that a tree of empty objects ends as well
      const copied = copyObject(value, depth + 1);
      left += typeof copied === "object" && Object.keys(copied ?? {}).length > 0 ? 1 : 0;
      return copied;
    }
    left -= 1;
    if (typeof value === "number" && !Number.isFinite(value)) return String(value);
    if (typeof value === "bigint" || typeof value === "symbol") return String(value);
    if (typeof value !== "string") return value;
    const isLong = depth === 1 && LONG_TEXTS.includes(key);
    return cut(value, isLong ? Math.min(MAX_STACKTRACE_LENGTH, maxValueLength * 4) : maxValueLength);
  };

  const attributes = copyObject(input, 1) as Attributes;
  return dropped === 0 ? attributes : { ...attributes, [DROPPED_COUNT_KEY]: dropped };
};
