/**
 * Errors of the HTTP API: `application/problem+json` (RFC 9457) with a machine-readable `reason`.
 *
 * @example
 * ```json
 * { "title": "Bad Request", "status": 400, "reason": "invalid_query", "detail": "This quote is not closed.",
 *   "field": "q", "offset": 6, "length": 3 }
 * ```
 */
import * as z from "zod";
import type { Immutable } from "#contract/wire/immutable.ts";
import { REJECT_REASONS } from "#contract/wire/reject-reason.ts";

/** The reasons for which a request as a whole fails. The union is closed: add a new reason here first. */
export const PROBLEM_REASONS = [
  ...REJECT_REASONS,
  "missing_credentials",
  "invalid_credentials",
  "forbidden_app",
  "forbidden_origin",
  "rate_limited",
  "unsupported_encoding",
  "upgrade_required",
  "store_unavailable",
  "overloaded",
  "timed_out",
  "broker_unavailable",
  "clock_skew",
  "not_found",
  "invalid_query",
  "invalid_cursor",
  "too_many_rules",
  "read_only",
  "conflict",
] as const;

/** Media type of a problem. */
export const PROBLEM_TYPE = "application/problem+json";

/** Body of every response with status 4xx or 5xx that is not a receipt. */
export const problemSchema = z
  .object({
    title: z.string().meta({ description: "The name of the HTTP status." }),
    status: z.int().min(400).max(599).meta({ description: "The HTTP status." }),
    reason: z.enum(PROBLEM_REASONS),
    detail: z.string().meta({ description: "The cause and the remedy, in one or two sentences." }),
    field: z.string().exactOptional().meta({ description: "The parameter, header or field that is wrong." }),
    limit: z.number().exactOptional().meta({ description: "The limit that was exceeded, in the unit of `detail`." }),
    offset: z.int().min(0).exactOptional().meta({
      description: "With `invalid_query`: first character of `q` to mark, in UTF-16 code units from 0.",
    }),
    length: z.int().min(0).exactOptional().meta({
      description: "With `invalid_query`: number of characters to mark, in UTF-16 code units.",
    }),
    suggestion: z.string().exactOptional().meta({
      description: "With `invalid_query`: a valid query that is probably meant. Absent if there is none.",
    }),
  })
  .meta({ id: "Problem" });

/** One of {@link PROBLEM_REASONS}. */
export type ProblemReason = (typeof PROBLEM_REASONS)[number];

/** Body of an error response. */
export type Problem = Immutable<z.output<typeof problemSchema>>;
