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

/** `shift` halves the longest values that many times, for an event that is too large as a whole. */
export const toAttributes = (input: object, shift = 0): Attributes => {
  const parents: unknown[] = [];
  let left = MAX_ATTRIBUTE_COUNT - 1; // one is kept for the count of what was dropped
  let dropped = 0;

  const copy = (holder: object, key: string, depth: number): unknown => {
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
      return depth < MAX_ATTRIBUTE_DEPTH ? copyAll(value, depth + 1) : "[too deep]";
    }
    const isPlain = typeof value === "boolean" || value === null || Number.isFinite(value);
    if (isPlain) return value;
    const isLong = depth < 2 && /^exception\.[sm]/.test(key);
    return cut(redact(String(value)), (isLong ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH) >> shift);
  };

  const copyAll = (value: object, depth: number): object => {
    parents.push(value);
    const list: unknown[] = [];
    const map: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      if (left < 1) dropped += 1;
      else {
        const copied = isSecretName(key) ? REDACTED : copy(value, key, depth);
        if (copied !== undefined) {
          map[cut(key, MAX_ATTRIBUTE_KEY_LENGTH)] = copied;
          list.push(copied);
        }
      }
    }
    parents.pop();
    return Array.isArray(value) ? list : map;
  };

  const attributes = copyAll(input, 1) as Record<string, unknown>;
  if (dropped) attributes[DROPPED_COUNT_KEY] = dropped;
  return attributes;
};
