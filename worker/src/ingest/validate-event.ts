/**
 * Validates one event against the schema and the attribute limits.
 */
import { checkAttributes } from "#contract/check/check-attributes.ts";
import { normalizeEvent, type NormalizedEvent } from "#contract/check/normalize-event.ts";
import { toPlainEvent } from "#contract/check/plain-event.ts";
import { logEventSchema, type LogEvent } from "#contract/wire/log-event.ts";
import { fail, ok, type Result } from "./result.ts";
import { toViolation } from "./to-violation.ts";

/** A valid event, and what was changed to make it valid. */
export interface ValidEvent extends Omit<NormalizedEvent, "value"> {
  readonly event: LogEvent;
}

/** Most events are plain: see {@link toPlainEvent}. */
const parseOtherEvent = (value: unknown): Result<LogEvent> => {
  const parsed = logEventSchema.safeParse(value, { reportInput: false });
  return parsed.success ? ok(parsed.data) : fail(toViolation(parsed.error));
};

/** Returns the parsed event, or the first violation found. */
export const validateEvent = (sent: unknown): Result<ValidEvent> => {
  const { value, changes, nanos, claimedId } = normalizeEvent(sent);
  let event = toPlainEvent(value);
  if (event === undefined) {
    const parsed = parseOtherEvent(value);
    if (!parsed.ok) return parsed;
    event = parsed.value;
  }
  const violation = event.attributes === undefined ? undefined : checkAttributes(event.attributes, "attributes");
  if (violation !== undefined) return fail(violation);
  return ok(claimedId === undefined ? { event, changes, nanos } : { event, changes, nanos, claimedId });
};
