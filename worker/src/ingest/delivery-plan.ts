/**
 * The documents to create for one delivery.
 */
import type { Violation } from "#contract/wire/violation.ts";
import type { NewDocument } from "../opensearch/bulk-create.ts";
import type { DecodedPayload, Delivery } from "./delivery.ts";

/** The document for one event: a log, or an entry in the rejected store. */
export interface PlannedEvent {
  readonly kind: "log" | "rejected";
  /** Position in the payload, from 0. Absent when the whole payload is rejected. */
  readonly position?: number;
  /** The id sent with the event, if it is a UUID. */
  readonly eventId?: string | undefined;
  /** Why the event is rejected. Absent for a log. */
  readonly violation?: Violation;
  readonly newDocument: NewDocument;
}

export interface DeliveryPlan {
  readonly delivery: Delivery;
  /** Absent when the whole payload is rejected. */
  readonly decoded?: DecodedPayload;
  readonly events: readonly PlannedEvent[];
}
