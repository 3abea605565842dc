/**
 * From a value that somebody sent to an event, or to the reason why not.
 */
import { logEventSchema, type LogEvent } from "#contract/wire/log-event.ts";
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { fail, ok, type Result } from "./payload.ts";
import { toViolation } from "./to-violation.ts";

export const validateEvent = (value: unknown): Result<LogEvent> => {
  const parsed = logEventSchema.safeParse(value, { reportInput: false });
  if (!parsed.success) return fail(toViolation(parsed.error));
  const violation =
    parsed.data.attributes === undefined ? undefined : checkAttributes(parsed.data.attributes, "attributes");
  return violation === undefined ? ok(parsed.data) : fail(violation);
};
