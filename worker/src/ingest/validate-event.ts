/**
 * Validates one event against the schema and the attribute limits.
 */
import { logEventSchema, type LogEvent } from "#contract/wire/log-event.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { fail, ok, type Result } from "./result.ts";
import { toViolation } from "./to-violation.ts";

/** Returns the parsed event, or the first violation found. */
export const validateEvent = (value: unknown): Result<LogEvent> => {
  const parsed = logEventSchema.safeParse(value, { reportInput: false });
  if (!parsed.success) return fail(toViolation(parsed.error));
  const violation =
    parsed.data.attributes === undefined ? undefined : checkAttributes(parsed.data.attributes, "attributes");
  return violation === undefined ? ok(parsed.data) : fail(violation);
};
