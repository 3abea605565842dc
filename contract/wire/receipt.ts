/**
 * What became of a batch. The publisher of an event may forget it when, and only when, a receipt accounts for it:
 * stored + duplicates + rejected.length is the number of events in the batch.
 */
import type { Violation } from "./reject-reason.ts";

/** One event that was not stored; it is in the rejected store with the same reason. */
export interface RejectedEvent extends Violation {
  /** Position in the batch, from 0. Absent when the payload as a whole could not be read. */
  readonly index?: number;
  /** The event's id, where it had one that could be read. */
  readonly id?: string;
}

/** Body of an answer to `POST /logs`, and payload of a message on `receipts/{app}/{client}`. */
export interface Receipt {
  readonly v: 1;
  /** The batch's own id, where it had one. */
  readonly batch?: string;
  /** Events that this delivery stored. */
  readonly stored: number;
  /** Events that an earlier delivery had stored already. */
  readonly duplicates: number;
  readonly rejected: readonly RejectedEvent[];
  /**
   * Positions of events of which nothing is known: send these again. Only in an answer 503; never in a receipt over
   * MQTT, where the relay itself sends again.
   */
  readonly unfinished?: readonly number[];
}
