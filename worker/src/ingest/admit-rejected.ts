/**
 * Admits the rejected events of a planned delivery. An app can fill the rejected store with invalid payloads, too: over its quota, they
 * are counted like other events over quota, and their payloads are not stored.
 */
import { timeOfUuid } from "#contract/store/event-time.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { NewDocument } from "../opensearch/bulk-create.ts";
import type { Admission } from "./admission.ts";
import type { DeliveryPlan, NotAdmittedEvent, PlannedEvent } from "./delivery-plan.ts";

const toNotAdmitted = ({ kind, position, eventId }: PlannedEvent, violation: Violation): NotAdmittedEvent => ({
  kind,
  eventId,
  violation,
  ...(position === undefined ? {} : { position }),
});

export const admitRejected = (plan: DeliveryPlan, admission: Admission): DeliveryPlan => {
  const { admitRejected: admit } = admission;
  const rejected = plan.events.filter(({ kind }) => kind === "rejected");
  if (admit === undefined || rejected.length === 0) return plan;
  const arrivedMs = timeOfUuid(plan.delivery.stamp) ?? 0;
  const violations = new Map<NewDocument, Violation>();
  let { documentBytes } = plan;
  // Events can share a document.
  for (const document of new Set(rejected.map(({ newDocument }) => newDocument))) {
    const violation = admit(document.bytes, arrivedMs);
    if (violation === undefined) continue;
    violations.set(document, violation);
    documentBytes -= document.bytes;
  }
  if (violations.size === 0) return plan;
  const events: PlannedEvent[] = [];
  const notAdmitted = [...(plan.notAdmitted ?? [])];
  for (const event of plan.events) {
    const violation = violations.get(event.newDocument);
    if (violation === undefined) events.push(event);
    else notAdmitted.push(toNotAdmitted(event, violation));
  }
  return { ...plan, events, notAdmitted, documentBytes };
};
