/**
 * `GET /usage`: bytes and events of a reader's apps by day, and their quotas.
 *
 * @example
 * ```
 * GET /usage?days=7
 * ```
 */
import * as z from "zod";
import { usageDocumentSchema } from "#contract/store/usage.ts";
import { MAX_USAGE_DAYS } from "#contract/wire/limits.ts";
import { readFilterSchema } from "./read-filter.ts";

export const usageParamsSchema = z.object({
  app: readFilterSchema.shape.app,
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_USAGE_DAYS)
    .default(7)
    .meta({ description: "Number of days (UTC), including the current one." }),
});

/** Response of `GET /usage`, newest day first. The current day is counted every minute. */
export const usageResponseSchema = z.object({
  days: z.array(usageDocumentSchema).meta({ description: "Days without a count are absent." }),
});

export type UsageResponse = z.output<typeof usageResponseSchema>;
