/**
 * One call of `log()` as an event of the contract, serialised. Its time is the one in its id, so it has no `time`.
 */
import type { Attributes } from "../../contract/log-event.ts";
import type { Severity } from "../../contract/severity.ts";
import { exceptionAttributes } from "./exception-attributes.ts";
import { isTree, serialize } from "./serialize.ts";

/** What the page said. */
export interface LogCall {
  readonly id: string;
  readonly severity: Severity;
  readonly body: unknown;
  readonly attributes: Attributes;
}

/** Copies `detail` into `copy`: later changes to the caller's objects don't reach it. Errors don't change. */
export const snapshot = (detail: unknown, copy: Record<string, unknown> = {}): Attributes => {
  if (detail instanceof Error) copy["error"] = detail;
  else {
    for (const key of Object.keys(detail ?? {})) {
      try {
        const value = (detail as Attributes)[key];
        if (isTree(value)) Object.assign(copy, JSON.parse(serialize({ attributes: { [key]: value } })).attributes);
        else copy[key] = value;
      } catch {
        copy[key] = "[unreadable]";
      }
    }
  }
  return copy;
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
