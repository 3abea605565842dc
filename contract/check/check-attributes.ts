/**
 * Bounds a map of attributes in one walk that does not recurse, so that depth costs no stack.
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
import { shorten } from "#contract/wire/shorten.ts";

const valueLimitOf = (key: string, depth: number): number =>
  depth === 1 && TYPED_EVENT_FIELDS[key]?.type === "text" ? MAX_STACKTRACE_LENGTH : MAX_ATTRIBUTE_VALUE_LENGTH;

/** The first bound that `attributes` breaks; `name` is what the sender calls the map. */
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
    for (const [key, value] of Object.entries(node)) {
      const field = isArray ? `${path}[${key}]` : `${path}.${shorten(key)}`;
      if (key.length > MAX_ATTRIBUTE_KEY_LENGTH) {
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
          message: `${name} holds for each event of the batch and may add up to ${maxTotalLength} UTF-16 code units.`,
          field: name,
          limit: maxTotalLength,
        };
      }
      if (typeof value === "object" && value !== null) {
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
        return { reason: "too_long", message: `${field} is longer than ${limit} UTF-16 code units.`, field, limit };
      }
    }
  }
  return undefined;
};
