/**
 * A violation: the reason why an event or a payload is invalid, as data. Receipts and rejected documents carry it.
 */
import * as z from "zod";
import type { Immutable } from "./immutable.ts";
import { REJECT_REASONS } from "./reject-reason.ts";

export const violationSchema = z.object({
  reason: z.enum(REJECT_REASONS),
  message: z.string().meta({ description: "A sentence that names the field and the limit, if there is one." }),
  field: z.string().exactOptional().meta({ description: "Path of the field.", example: "attributes.http.route" }),
  limit: z
    .number()
    .exactOptional()
    .meta({ description: "The limit that was exceeded, in the unit that `message` names." }),
});

/** Why an event or a payload is invalid. */
export type Violation = Immutable<z.output<typeof violationSchema>>;
