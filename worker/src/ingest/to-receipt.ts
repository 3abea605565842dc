/**
 * Builds the receipt of one delivery from the outcomes of its events.
 */
import type { Receipt, RejectedEvent } from "#contract/wire/receipt.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { DeliveredEvent } from "./delivery-plan.ts";

/** The outcome of one event. `unfinished`: it may or may not be stored, so it must be sent again. */
export type EventOutcome =
  | { readonly state: "stored" | "duplicate" | "unfinished" }
  | { readonly state: "rejected"; readonly violation: Violation };

const toRejectedEvent = ({ position, eventId }: DeliveredEvent, violation: Violation): RejectedEvent => ({
  ...violation,
  ...(position === undefined ? {} : { index: position }),
  ...(eventId === undefined ? {} : { id: eventId }),
});

/** `outcomes` has the order of `events`. An event without an outcome is unfinished. */
export const toReceipt = (
  { batchId, events }: { readonly batchId?: string | undefined; readonly events: readonly DeliveredEvent[] },
  outcomes: readonly EventOutcome[],
): Receipt => {
  let stored = 0;
  let duplicates = 0;
  const rejected: RejectedEvent[] = [];
  const unfinished: number[] = [];
  let i = 0;
  for (const event of events) {
    const outcome = outcomes[i];
    i += 1;
    switch (outcome?.state) {
      case "stored":
        stored += 1;
        break;
      case "duplicate":
        duplicates += 1;
        break;
      case "rejected":
        rejected.push(toRejectedEvent(event, outcome.violation));
        break;
      case "unfinished":
      case undefined:
        unfinished.push(event.position ?? 0);
        break;
    }
  }
  return {
    v: 1,
    ...(batchId === undefined ? {} : { batch: batchId }),
    stored,
    duplicates,
    rejected,
    ...(unfinished.length === 0 ? {} : { unfinished }),
  };
};
