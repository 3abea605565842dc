/**
 * The documents to create for one delivery.
 */
import type { Change } from "#contract/wire/change.ts";
import type { Severity } from "#contract/wire/severity.ts";
import type { Violation } from "#contract/wire/violation.ts";
import type { NewDocument } from "../opensearch/bulk-create.ts";
import type { Delivery } from "./delivery.ts";

/** One event of a delivery, without its document. */
export interface DeliveredEvent {
  readonly kind: "log" | "rejected";
  /** Position in the payload, from 0. Absent when the whole payload is rejected. */
  readonly position?: number;
  /** The id sent with the event, if it is a UUID. */
  readonly eventId?: string | undefined;
  /** Why the event is rejected. Absent for a log. */
  readonly violation?: Violation;
}

/** An event and its document: a log, or an entry in the rejected store. Rejected events may share a document. */
export interface PlannedEvent extends DeliveredEvent {
  readonly newDocument: NewDocument;
  /** Changes that were made to the event. Absent if there are none. */
  readonly changes?: readonly Change[];
}

/** A rejected event that is over a quota, or whose user was erased. */
export interface NotAdmittedEvent extends DeliveredEvent {
  /** Absent if the event is invalid. */
  readonly severity?: Severity;
}

export interface DeliveryPlan {
  readonly delivery: Delivery;
  /** The id of the batch, if it has one. Absent when the whole payload is rejected. */
  readonly batchId?: string | undefined;
  readonly events: readonly PlannedEvent[];
  /**
   * Events that are over a quota or whose user was erased. They are not in `events`: all such events of an app and request
   * share one document.
   */
  readonly notAdmitted?: readonly NotAdmittedEvent[];
  /** Size of all documents. */
  readonly documentBytes: number;
}
