/**
 * Which logs a request of the read side is about. All routes take the same filter, and a reader token reaches the logs
 * of its own apps only, whatever the filter says.
 */
import * as z from "zod";
import { MAX_ATTRIBUTE_VALUE_LENGTH, MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";

/** `now`, or a time before it: `now-15m`, `now-7d`. Units: s, m, h, d, w. */
const RELATIVE_TIME = /^now(?:-\d{1,6}[smhdw])?$/;

/** A moment: RFC 3339, milliseconds since 1970, or relative to the server's clock. */
export const timeParamSchema = z
  .union([z.iso.datetime({ offset: true }), z.string().regex(/^\d{9,15}$/), z.string().regex(RELATIVE_TIME)], {
    error: "must be RFC 3339, milliseconds since 1970, or like now-15m",
  })
  .meta({
    description: "RFC 3339, milliseconds since 1970, or relative: `now`, `now-15m`, `now-7d`.",
    example: "now-24h",
    id: "Moment",
  });

const exactly = (what: string): z.ZodOptional<z.ZodString> =>
  z.string().min(1).max(MAX_ATTRIBUTE_VALUE_LENGTH).optional().meta({ description: what });

/** The parameters that all routes share. */
export const readFilterSchema = z.object({
  app: z
    .string()
    .max(1_024)
    .optional()
    .meta({ description: "App ids, separated by commas. Absent: all that the token may read.", example: "demo" }),
  q: z
    .string()
    .max(MAX_QUERY_LENGTH)
    .default("")
    .meta({ description: "Query, see QUERY.md.", example: 'level:>=warn duration:>500 "payment failed" -bot' }),
  severity: z.enum(SEVERITIES).optional().meta({ description: "The least severity.", example: "warn" }),
  from: timeParamSchema.optional().meta({ description: "The first moment, which belongs to it." }),
  to: timeParamSchema.optional().meta({ description: "The last moment, which does not belong to it." }),
  user: exactly("A user's id, name or email, exactly."),
  session: exactly("A session's id, exactly."),
  organization: exactly("An organization's id or name, exactly."),
});

/** The filter as it is sent. */
export type ReadFilterInput = z.input<typeof readFilterSchema>;

/** The filter with its defaults. */
export type ReadFilter = z.output<typeof readFilterSchema>;
