/**
 * A copy of what the page passed as attributes: JSON, within the contract's limits, and without secrets. What is too
 * long, too deep or too much is cut and marked, so that a log is stored with less rather than rejected. Never throws.
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
import { isSecretName, REDACTED, redact } from "./redact.ts";

/** Says in an event how many of its attributes were left out (the name of OpenTelemetry's LogRecord field). */
export const DROPPED_COUNT_KEY = "log.record.dropped_attributes_count";

/** Texts of an event together, in UTF-16 code units: in JSON at most six bytes each, below the server's megabyte. */
export const MAX_EVENT_LENGTH = 160_000;

/** Text that can be had of a thing, whatever its getters do. */
export const toAttributes = (input: object): Attributes => {
  const parents: unknown[] = [];
  let left = MAX_ATTRIBUTE_COUNT - 1; // one is kept for the count of what was dropped
  let room = MAX_EVENT_LENGTH;
  let dropped = Number((input as Attributes)[DROPPED_COUNT_KEY] ?? 0); // of a copy

  const bound = (text: string, max: number): string => {
    const short = cut(text, Math.min(max, room));
    room -= short.length;
    return short;
  };

  const copy = (holder: object, key: string): unknown => {
    let value: unknown;
    try {
      value = (holder as Attributes)[key];
      if (value instanceof Error) value = `${value.name}: ${value.message}`;
      if (value instanceof Map || value instanceof Set) value = [...value];
      const { toJSON } = (value ?? {}) as { toJSON?: unknown };
      if (typeof toJSON === "function") value = toJSON.call(value);
    } catch {
      value = "[unreadable]";
    }
    if (typeof value === "function" || value === undefined) return undefined;
    left -= 1;
    if (typeof value === "object" && value !== null) {
      if (parents.includes(value)) return "[circular]";
      return parents.length < MAX_ATTRIBUTE_DEPTH ? copyAll(value) : "[too deep]";
    }
    if (typeof value === "boolean" || value === null || Number.isFinite(value)) return value;
    const isLong = !parents[1] && /^exception\.[sm]/.test(key);
    return bound(redact(String(value)), isLong ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH);
  };

  const copyAll = (value: object): object => {
    parents.push(value);
    const map: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (left < 1) dropped += 1;
      else {
        const copied = isSecretName(key) ? REDACTED : copy(value, key);
        if (copied !== undefined) map[bound(key, MAX_ATTRIBUTE_KEY_LENGTH)] = copied;
      }
    }
    parents.pop();
    return Array.isArray(value) ? Object.values(map) : map;
  };

  const attributes = copyAll(input) as Record<string, unknown>;
  if (dropped) attributes[DROPPED_COUNT_KEY] = dropped;
  return attributes;
};
