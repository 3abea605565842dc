/**
 * `POST /erasures`: deletes the logs and the rejected events of one user.
 *
 * @example
 * ```
 * POST /erasures
 * { "user": "u-1042", "dryRun": true }
 * ```
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";
import { APP_ID_PATTERN } from "#contract/wire/topics.ts";

export const erasureRequestSchema = z.strictObject({
  user: z.string().min(1).max(256).meta({
    description: "Value of `user.id` or `user.email`.",
    example: "u-1042",
  }),
  apps: z
    .array(z.string().regex(APP_ID_PATTERN, { error: "must be an app id" }))
    .min(1)
    .max(500)
    .optional()
    .meta({ description: "Default: all apps of the token." }),
  dryRun: z.boolean().default(false).meta({ description: "Counts only; deletes nothing." }),
});

export const erasureResponseSchema = z.object({
  dryRun: z.boolean(),
  logs: z.int().meta({ description: "Number of logs that were deleted; with `dryRun`, that would be deleted." }),
  rejected: z.int().meta({ description: "The same for rejected events and payloads." }),
  remaining: z.int().meta({ description: "Number of documents that are left. Repeat the request until it is 0." }),
});

export type ErasureResponse = Immutable<z.output<typeof erasureResponseSchema>>;
