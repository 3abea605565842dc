/**
 * Encodes a log call as an event of the contract. The time of the event is in its id, so it has no `time` field.
 */
import type { Attributes } from "#contract/wire/attributes.ts";
import type { LogRecord } from "../logger.ts";
import { exceptionAttributes } from "./exception-attributes.ts";
import { DROPPED_COUNT_KEY, isObject, serialize } from "./serialize.ts";

/**
 * A copy of the attributes of a call, merged over `inherited`, so that later changes to the caller's objects have no
 * effect. Only nested values are copied deeply; errors are not, because they do not change.
 */
export const copyAttributes = (detail: unknown, inherited?: Attributes): Attributes => {
  try {
    const own = detail instanceof Error ? { error: detail } : (detail as object);
    // Engines copy the first spread of a literal much faster than the second.
    const copy: Record<string, unknown> = { ...(inherited ?? own), ...(inherited && own) };
    for (const key in copy) {
      if (isObject(copy[key])) {
        Object.assign(copy, JSON.parse(serialize({ attributes: { [key]: copy[key] } })).attributes);
      }
    }
    return copy;
  } catch {
    return { ...inherited, [DROPPED_COUNT_KEY]: 1 }; // a getter of the caller's object threw
  }
};

/** JSON of an event. Throws only if a getter or `toJSON` of the caller's objects throws. */
export const encodeEvent = ({ id, severity, body, attributes }: LogRecord): string => {
  const { error, ...rest } = attributes;
  const cause = error instanceof Error ? error : body;
  return serialize({
    id,
    severity,
    body: String(body),
    attributes: cause instanceof Error ? { ...exceptionAttributes(cause), ...rest } : attributes,
  });
};
