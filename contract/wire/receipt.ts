/**
 * The receipt: the outcome of every event of one batch. It is the body of a response to `POST /logs` and the payload of
 * a message on `receipts/{user}/{client}`.
 *
 * A client may delete an event from its outbox only when a receipt accounts for it. The number of events in the batch is
 * `stored + duplicates + rejected.length + (unfinished?.length ?? 0)`.
 *
 * @example
 * ```json
 * { "v": 1, "batch": "019ab0c0-0000-7000-8000-000000000000", "stored": 2, "duplicates": 1,
 *   "rejected": [{ "index": 3, "reason": "too_long", "field": "body", "limit": 131072,
 *                  "message": "body is longer than 131072 UTF-16 code units." }] }
 * ```
 */
import * as z from "zod";
import type { Receipt, RejectedEvent } from "./receipt-types.ts";
import { violationSchema } from "./violation.ts";

const countSchema = z.int().min(0);

/** An event that was rejected. It is also in the rejected store, with the same reason. */
export const rejectedEventSchema = violationSchema.extend({
  index: countSchema
    .exactOptional()
    .meta({ description: "Position in the batch, from 0. Absent: the whole payload was rejected." }),
  id: z.string().exactOptional().meta({ description: "The event's id, if it has a valid one." }),
});

/** A receipt as the Worker writes it. */
export const receiptSchema = z
  .object({
    v: z.literal(1),
    batch: z.string().exactOptional().meta({ description: "The batch's id, if it has one." }),
    stored: countSchema.meta({ description: "Number of events that this delivery stored." }),
    duplicates: countSchema.meta({ description: "Number of events that an earlier delivery stored." }),
    rejected: z
      .array(rejectedEventSchema)
      .meta({ description: "Events that will never be stored. Do not resend them." }),
    unfinished: z.array(countSchema).exactOptional().meta({
      description: "Positions of events whose outcome is unknown. Resend them. Only in a response with status 503.",
    }),
  })
  .meta({ id: "Receipt" });

/**
 * A receipt as another program reads it. The program may be older than the Worker, so unknown reasons and fields are
 * accepted and kept: if it rejected such a receipt, it would resend the events endlessly.
 */
export const receivedReceiptSchema = z.looseObject({
  ...receiptSchema.shape,
  rejected: z.array(z.looseObject({ ...rejectedEventSchema.shape, reason: z.string() })),
});

export type { Receipt, RejectedEvent };

/** A receipt of this or a later version of the Worker. */
export type ReceivedReceipt = Omit<Receipt, "rejected"> & {
  readonly rejected: readonly (Omit<RejectedEvent, "reason"> & { readonly reason: string })[];
};
