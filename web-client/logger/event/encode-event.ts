/**
 * One call of `log()` as an event of the contract, serialised. Its time is the one in its id, so it has no `time`.
 */
import type { Attributes } from "#contract/wire/log-event.ts";
import type { Severity } from "#contract/wire/severity.ts";
import { exceptionAttributes } from "./exception-attributes.ts";
import { DROPPED_COUNT_KEY, isTree, serialize } from "./serialize.ts";

/** What the page said. */
export interface LogCall {
  readonly id: string;
  readonly severity: Severity;
  readonly body: unknown;
  readonly attributes: Attributes;
}

/** A copy that later changes to the caller's objects don't reach; cheap where nothing is nested. Errors don't change. */
export const snapshot = (detail: unknown, bound?: Attributes): Attributes => {
  try {
    const own = detail instanceof Error ? { error: detail } : (detail as object);
    // Engines copy what comes first in a literal much faster than what comes second.
    const copy: Record<string, unknown> = { ...(bound ?? own), ...(bound && own) };
    for (const key in copy) {
      if (isTree(copy[key])) {
        Object.assign(copy, JSON.parse(serialize({ attributes: { [key]: copy[key] } })).attributes);
      }
    }
    return copy;
  } catch {
    return { ...bound, [DROPPED_COUNT_KEY]: 1 }; // the page's own getters
  }
};

/** JSON of an event. May throw only where the caller's own objects do. */
export const toJson = ({ id, severity, body, attributes }: LogCall): string => {
  const { error, ...rest } = attributes;
  const cause = error instanceof Error ? error : body;
  return serialize({
    id,
    severity,
    body: String(body),
    attributes: cause instanceof Error ? { ...exceptionAttributes(cause), ...rest } : attributes,
  });
};
