/**
 * The violation of a payload with too many events. Pure.
 */
import { MAX_BATCH_EVENTS } from "./limits.ts";
import type { Violation } from "./receipt-types.ts";

/**
 * @param count The number of events, or of other parts of a payload with too many to read them as events.
 * @param parts What was counted.
 */
export const tooManyEvents = (count: number | string, parts = "events"): Violation => ({
  reason: "too_many_events",
  message: `The payload has ${count} ${parts}; the maximum is ${MAX_BATCH_EVENTS}.`,
  field: "events",
  limit: MAX_BATCH_EVENTS,
});
