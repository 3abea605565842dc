/**
 * The filter that all read routes share. A reader token restricts the result to the logs of its apps, independent of the
 * filter.
 */
import * as z from "zod";
import { EPOCH_TIME, RELATIVE_TIME } from "#contract/query/parse-time.ts";
import { MAX_ATTRIBUTE_VALUE_LENGTH, MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";

/** A time: RFC 3339, a number since 1970, or relative to the server's clock. */
export const timeParamSchema = z
  .union([z.iso.datetime({ offset: true }), z.string().regex(EPOCH_TIME), z.string().regex(RELATIVE_TIME)], {
    error: "must be a time such as 2026-11-30T06:00:00Z or now-15m, or a number since 1970",
  })
  .meta({
    description:
      "RFC 3339, a number since 1970, or relative: `now`, `now-15m`, `now-7d`. A number has 9 to 11 digits in seconds, 12 to 14 in milliseconds, 15 to 17 in microseconds, and 18 to 20 in nanoseconds.",
    example: "now-24h",
    id: "Time",
  });

const exactValue = (description: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).max(MAX_ATTRIBUTE_VALUE_LENGTH).optional().meta({ description });

/**
 * The parameters that all read routes share. Conditions are combined with AND. An invalid parameter: 400
 * `invalid_field`; an unknown one: 400 `unknown_field`.
 */
export const readFilterSchema = z.object({
  app: z
    .string()
    .max(1_024)
    .optional()
    .meta({ description: "App ids, separated by commas. Default: all apps that the token may read.", example: "demo" }),
  q: z.string().max(MAX_QUERY_LENGTH).default("").meta({
    description: "Query, see QUERY.md. Invalid: 400 `invalid_query` with `offset` and `length`.",
    example: 'level:>=warn duration:>500 "payment failed" -bot',
  }),
  severity: z.enum(SEVERITIES).optional().meta({ description: "Minimum severity.", example: "warn" }),
  from: timeParamSchema.optional().meta({ description: "Start time, inclusive. Default: the oldest log." }),
  to: timeParamSchema.optional().meta({ description: "End time, exclusive. Default: the newest log." }),
  user: exactValue("Exact id, name or email of the user."),
  session: exactValue("Exact id of the session."),
  organization: exactValue("Exact id or name of the organization."),
});

/** The filter with its defaults. */
export type ReadFilter = z.output<typeof readFilterSchema>;
