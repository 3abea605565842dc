/** A receipt as a schema, for the description of the API. */
import * as z from "zod";
import type { Receipt } from "#contract/wire/receipt.ts";
import { REJECT_REASONS } from "#contract/wire/reject-reason.ts";

const rejectedEventSchema = z.object({
  reason: z.enum(REJECT_REASONS),
  message: z.string(),
  field: z.string().optional(),
  limit: z.number().optional(),
  index: z.int().optional(),
  id: z.string().optional(),
});

export const receiptSchema = z
  .object({
    v: z.literal(1),
    batch: z.string().optional(),
    stored: z.int(),
    duplicates: z.int(),
    rejected: z.array(rejectedEventSchema),
    unfinished: z.array(z.int()).optional().meta({ description: "Positions of events to send again." }),
  })
  .meta({ id: "Receipt" }) satisfies z.ZodType<Partial<Record<keyof Receipt, unknown>>>;
