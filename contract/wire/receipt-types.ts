/**
 * The types of the receipt, separate from the schemas: the declarations of the published logger must not depend on zod.
 * tests/contract-types.test.ts checks that schemas and types are equal.
 */
import type { RejectReason } from "./reject-reason.ts";

/** Why an event or a payload is invalid. */
export interface Violation {
  readonly reason: RejectReason;
  /** A sentence that names the field and the limit, if there is one. */
  readonly message: string;
  /** Path of the field. */
  readonly field?: string;
  /** The limit that was exceeded, in the unit that `message` names. */
  readonly limit?: number;
}

/** One rejected event of a {@link Receipt}. */
export interface RejectedEvent extends Violation {
  /** Position in the batch, from 0. Absent: the whole payload was rejected. */
  readonly index?: number;
  /** The event's id, if it has a valid one. */
  readonly id?: string;
}

/** The outcome of every event of one batch. */
export interface Receipt {
  readonly v: 1;
  /** The batch's id, if it has one. */
  readonly batch?: string;
  /** Number of events that this delivery stored. */
  readonly stored: number;
  /** Number of events that an earlier delivery stored. */
  readonly duplicates: number;
  /** Events that will never be stored. Do not resend them. */
  readonly rejected: readonly RejectedEvent[];
  /** Positions of events whose outcome is unknown. Resend them. Only in a response with status 503. */
  readonly unfinished?: readonly number[];
}
