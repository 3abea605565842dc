/**
 * What a delivery is planned to become.
 */
import type { Violation } from "#contract/wire/reject-reason.ts";
import type { DecodedPayload, Delivery } from "./payload.ts";

/** One document to create. */
export interface Creation {
  readonly index: string;
  readonly id: string;
  /** JSON. */
  readonly source: string;
}

/** An event on its way: either a log, or kept as rejected with its reason. */
export interface PlannedEvent {
  readonly kind: "log" | "rejected";
  /** Position in the payload; absent when the payload as a whole is rejected. */
  readonly position?: number;
  /** The event's own id, where it brought one that could be read. */
  readonly eventId?: string | undefined;
  readonly violation?: Violation;
  readonly creation: Creation;
}

export interface PlannedDelivery {
  readonly delivery: Delivery;
  /** Absent when the payload as a whole is rejected. */
  readonly decoded?: DecodedPayload;
  readonly events: readonly PlannedEvent[];
}
