/**
 * Checks a map of attributes against the limits, in one pass. The pass does not recurse, so nesting cannot exhaust the
 * stack.
 */
import {
  MAX_ATTRIBUTE_COUNT,
  MAX_ATTRIBUTE_DEPTH,
  MAX_ATTRIBUTE_KEY_LENGTH,
  MAX_ATTRIBUTE_VALUE_LENGTH,
  MAX_STACKTRACE_LENGTH,
} from "#contract/wire/limits.ts";
import { TYPED_EVENT_FIELDS } from "#contract/store/log-document.ts";
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Violation } from "#contract/wire/violation.ts";
import { ExactNumber } from "./exact-number.ts";
import { shorten } from "#contract/wire/shorten.ts";

const valueLimitOf = (key: string, depth: number): number =>
  depth === 1 && TYPED_EVENT_FIELDS[key]?.type === "text" ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH;

/**
 * Returns the first violation, or `undefined` if the attributes are within all limits.
 *
 * @param name Name of the map in the payload, for the message: `attributes` or `resource`.
 * @param maxTotalLength Limit for the sum of all keys and strings, in UTF-16 code units.
 */
export const checkAttributes = (
  attributes: Attributes,
  name: string,
  maxTotalLength = Number.POSITIVE_INFINITY,
): Violation | undefined => {
  const open: { readonly node: object; readonly path: string; readonly depth: number }[] = [
    { node: attributes, path: name, depth: 1 },
  ];
  let leaves = 0;
  let totalLength = 0;
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    const { node, path, depth } = top;
    const isArray = Array.isArray(node);
    // The paths of most values are not needed.
    const toField = (key: string): string => (isArray ? `${path}[${key}]` : `${path}.${shorten(key)}`);
    // Values of JSON have no inherited keys.
    for (const key in node) {
      const sent: unknown = (node as Readonly<Record<string, unknown>>)[key];
      const value = sent instanceof ExactNumber ? sent.digits : sent;
      if (key.length > MAX_ATTRIBUTE_KEY_LENGTH) {
        const field = toField(key);
        return {
          reason: "too_long",
          message: `The key ${field} is longer than ${MAX_ATTRIBUTE_KEY_LENGTH} UTF-16 code units.`,
          field,
          limit: MAX_ATTRIBUTE_KEY_LENGTH,
        };
      }
      totalLength += key.length + (typeof value === "string" ? value.length : 0);
      if (totalLength > maxTotalLength) {
        return {
          reason: "too_long",
          message: `${name} is repeated for each event of the batch. Its keys and strings may have ${maxTotalLength} UTF-16 code units in total.`,
          field: name,
          limit: maxTotalLength,
        };
      }
      if (typeof value === "object" && value !== null) {
        const field = toField(key);
        if (depth >= MAX_ATTRIBUTE_DEPTH) {
          return {
            reason: "too_deep",
            message: `${field} is nested deeper than ${MAX_ATTRIBUTE_DEPTH} levels.`,
            field,
            limit: MAX_ATTRIBUTE_DEPTH,
          };
        }
        open.push({ node: value, path: field, depth: depth + 1 });
        continue;
      }
      leaves += 1;
      if (leaves > MAX_ATTRIBUTE_COUNT) {
        return {
          reason: "too_many_attributes",
          message: `${name} has more than ${MAX_ATTRIBUTE_COUNT} values.`,
          field: name,
          limit: MAX_ATTRIBUTE_COUNT,
        };
      }
      if (typeof value === "string" && value.length > valueLimitOf(key, depth)) {
        const limit = valueLimitOf(key, depth);
        const field = toField(key);
        return { reason: "too_long", message: `${field} is longer than ${limit} UTF-16 code units.`, field, limit };
      }
    }
  }
  return undefined;
};
