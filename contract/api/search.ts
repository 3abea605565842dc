/**
 * Parameters and responses of `GET /search`, `GET /context` and `GET /rejected`: pages of documents.
 */
import * as z from "zod";
import { MAX_CONTEXT_LIMIT, MAX_CURSOR_LENGTH, MAX_REJECTED_LIMIT, MAX_SEARCH_LIMIT } from "#contract/wire/limits.ts";
import { HINT_KINDS } from "#contract/query/ast.ts";
import type { LogDocument, RejectedDocument } from "#contract/store/log-document.ts";
import { mayBeIncomplete } from "./incomplete.ts";
import { timeParamSchema, readFilterSchema } from "./read-filter.ts";
import { REJECT_REASONS } from "#contract/wire/reject-reason.ts";

const cursorSchema = z.string().max(MAX_CURSOR_LENGTH).optional().meta({
  description:
    "`nextCursor` of the previous page. All other parameters must be the same. Invalid: 400 `invalid_cursor`.",
});

const nextCursorSchema = z
  .string()
  .optional()
  .meta({ description: "Cursor of the next page. Absent on the last page." });

const documentSchema = z
  .custom<LogDocument>((value) => typeof value === "object" && value !== null)
  .meta({ type: "object", additionalProperties: true, description: "The stored document." });

/**
 * Parameters of `GET /search`: the filter, and the page. Hits are sorted by time, newest first.
 *
 * Errors: 400 `invalid_field`, `unknown_field`, `invalid_query` or `invalid_cursor`; 401 `missing_credentials` or `invalid_credentials`;
 * 403 `forbidden_app`; 503 `store_unavailable`.
 *
 * @example
 * ```
 * GET /search?app=shop&q=level:>=error%20checkout&from=now-24h&limit=50
 * GET /search?app=shop&q=level:>=error%20checkout&from=now-24h&limit=50&cursor=NEXT_CURSOR
 * ```
 */
export const searchParamsSchema = readFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(MAX_SEARCH_LIMIT).default(100).meta({
    description:
      "Maximum number of hits on a page. A page has fewer if they are large: only `nextCursor` shows whether it is the last one.",
  }),
  cursor: cursorSchema,
  highlight: z.stringbool().default(false).meta({ description: "Whether hits have `highlights`.", type: "boolean" }),
});

/** Positions of the query's words in a text field. */
export const highlightSchema = z.object({
  field: z.enum(["body", "exception.message"]),
  ranges: z.array(z.tuple([z.int(), z.int()])).meta({
    description: "Start (inclusive) and end (exclusive) of each match, in UTF-16 code units, in ascending order.",
  }),
});

/** One log: its id and its document. */
export const searchHitSchema = z
  .object({
    id: z.string(),
    document: documentSchema,
    highlights: z.array(highlightSchema).optional(),
  })
  .meta({ id: "SearchHit" });

/** A remark on the query: another spelling is probably meant. See "Hints" in QUERY.md. */
export const queryHintSchema = z
  .object({
    kind: z.enum(HINT_KINDS),
    message: z.string().meta({ description: "The remark and the right spelling, in one or two sentences." }),
    suggestion: z.string().exactOptional().meta({ description: "The whole query in the other spelling." }),
    offset: z.int().min(0).meta({ description: "First character of `q` to mark, in UTF-16 code units from 0." }),
    length: z.int().min(0).meta({ description: "Number of characters to mark, in UTF-16 code units." }),
  })
  .meta({ id: "QueryHint" });

/** Response of `GET /search`, newest first. */
export const searchResponseSchema = z.object({
  total: z.int().meta({ description: "Number of matching logs. Exact up to 10,000, then a lower bound." }),
  totalIsLowerBound: z.boolean(),
  hits: z.array(searchHitSchema),
  nextCursor: nextCursorSchema,
  hints: z.array(queryHintSchema).exactOptional().meta({ description: "Remarks on the query. Absent: none." }),
  ...mayBeIncomplete,
});

/** The ids by which logs are found around an event, narrowest first. */
export const CONTEXT_GROUPINGS = ["session", "device", "client", "trace", "host", "service", "app"] as const;

export const contextParamsSchema = z.object({
  id: z.guid().toLowerCase().meta({ description: "Id of the event." }),
  app: readFilterSchema.shape.app,
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_CONTEXT_LIMIT)
    .default(50)
    .meta({ description: "Maximum number of logs on each side of the event. There are fewer if they are large." }),
  by: z.enum(CONTEXT_GROUPINGS).optional().meta({
    description:
      "The id that the logs share with the event. Default: the first of these that the event has. `session`, `device`, `trace` and `host` include all apps that the token may read; `client`, `service` and `app` only the event's app. `app`: all logs of the app.",
  }),
});

/** Response of `GET /context`: the logs of the same session, device or other group around an event, oldest first. */
export const contextResponseSchema = z.object({
  event: searchHitSchema,
  by: z.enum(CONTEXT_GROUPINGS).optional().meta({
    description: "The id that the logs share with the event. Absent if the event has no id of the requested kind.",
  }),
  value: z.string().optional().meta({ description: "The id." }),
  groupings: z
    .array(z.enum(CONTEXT_GROUPINGS))
    .meta({ description: "All values of `by` that the event has an id for." }),
  before: z.array(searchHitSchema),
  after: z.array(searchHitSchema),
  ...mayBeIncomplete,
});

export const rejectedParamsSchema = z.object({
  app: readFilterSchema.shape.app,
  reason: z.enum(REJECT_REASONS).optional(),
  from: timeParamSchema.optional(),
  to: timeParamSchema.optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_REJECTED_LIMIT)
    .default(50)
    .meta({ description: "Maximum number of hits on a page. A page has fewer if they are large." }),
  cursor: cursorSchema,
});

export const rejectedHitSchema = z.object({
  id: z.string(),
  document: z
    .custom<RejectedDocument>((value) => typeof value === "object" && value !== null)
    .meta({
      type: "object",
      additionalProperties: true,
      description: "The rejected event or payload, with the reason.",
    }),
});

/** Response of `GET /rejected`, newest first. */
export const rejectedResponseSchema = z.object({
  total: z
    .int()
    .meta({ description: "Number of matching rejected events. A hit may have several of them: `event.count`." }),
  totalIsLowerBound: z.boolean(),
  byReason: z.array(z.object({ reason: z.enum(REJECT_REASONS), count: z.int() })),
  hits: z.array(rejectedHitSchema),
  nextCursor: nextCursorSchema,
  ...mayBeIncomplete,
});

export type Highlight = z.output<typeof highlightSchema>;
export type SearchHit = z.output<typeof searchHitSchema>;
export type SearchResponse = z.output<typeof searchResponseSchema>;
export type ContextGrouping = (typeof CONTEXT_GROUPINGS)[number];
export type ContextParams = z.output<typeof contextParamsSchema>;
export type ContextResponse = z.output<typeof contextResponseSchema>;
export type RejectedHit = z.output<typeof rejectedHitSchema>;
export type RejectedResponse = z.output<typeof rejectedResponseSchema>;
