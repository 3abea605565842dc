/**
 * A violation: the reason why an event or a payload is invalid, as data. Receipts and rejected documents carry it.
 */
import * as z from "zod";
import { REJECT_REASONS } from "./reject-reason.ts";

export type { Violation } from "./receipt-types.ts";

export const violationSchema = z.object({
  reason: z.enum(REJECT_REASONS),
  message: z.string().meta({ description: "A sentence that names the field and the limit, if there is one." }),
  field: z.string().exactOptional().meta({ description: "Path of the field.", example: "attributes.http.route" }),
  limit: z
    .number()
    .exactOptional()
    .meta({ description: "The limit that was exceeded, in the unit that `message` names." }),
});
