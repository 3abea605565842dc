/**
 * The result of a step that can fail on invalid input. Failures are data: a {@link Violation} with a reason from a
 * closed union. The routes choose the HTTP status.
 */
import type { Violation } from "#contract/wire/violation.ts";

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly violation: Violation };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const fail = (violation: Violation): Result<never> => ({ ok: false, violation });
