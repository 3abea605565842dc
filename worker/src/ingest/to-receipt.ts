/**
 * What to tell the sender of one delivery, once the fate of each of its events is known.
 */
import type { Receipt, RejectedEvent } from "#contract/wire/receipt.ts";
import type { Violation } from "#contract/wire/reject-reason.ts";
import type { PlannedDelivery, PlannedEvent } from "./planned.ts";

/** What became of one event. `unknown` means: not known to be stored, so it has to come again. */
export type Fate =
  | { readonly state: "stored" | "duplicate" | "unknown" }
  | { readonly state: "rejected"; readonly violation: Violation };

const toRejectedEvent = ({ position, eventId }: PlannedEvent, violation: Violation): RejectedEvent => ({
  ...violation,
  ...(position === undefined ? {} : { index: position }),
  ...(eventId === undefined ? {} : { id: eventId }),
});

/** Fates stand in the order of the planned events. */
export const toReceipt = (planned: PlannedDelivery, fates: readonly Fate[]): Receipt => {
  let stored = 0;
  let duplicates = 0;
  const rejected: RejectedEvent[] = [];
  const unfinished: number[] = [];
  for (const [i, event] of planned.events.entries()) {
    const fate = fates[i] ?? { state: "unknown" };
    switch (fate.state) {
      case "stored":
        stored += 1;
        break;
      case "duplicate":
        duplicates += 1;
        break;
      case "rejected":
        rejected.push(toRejectedEvent(event, fate.violation));
        break;
      case "unknown":
        unfinished.push(event.position ?? 0);
        break;
    }
  }
  return {
    v: 1,
    ...(planned.decoded?.batchId === undefined ? {} : { batch: planned.decoded.batchId }),
    stored,
    duplicates,
    rejected,
    ...(unfinished.length === 0 ? {} : { unfinished }),
  };
};
