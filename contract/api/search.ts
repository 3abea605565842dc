/**
 * `GET /search`, `GET /context` and `GET /rejected`: documents, page by page.
 */
import * as z from "zod";
import { MAX_CONTEXT_LIMIT, MAX_CURSOR_LENGTH, MAX_REJECTED_LIMIT, MAX_SEARCH_LIMIT } from "#contract/wire/limits.ts";
import type { LogDocument, RejectedDocument } from "#contract/store/log-document.ts";
import { timeParamSchema, readFilterSchema } from "./read-filter.ts";
import { REJECT_REASONS } from "#contract/wire/reject-reason.ts";

const cursorSchema = z
  .string()
  .max(MAX_CURSOR_LENGTH)
  .optional()
  .meta({ description: "`nextCursor` of the answer before, with all other parameters as they were." });

const nextCursorSchema = z.string().optional().meta({ description: "Absent on the last page." });

const documentSchema = z
  .custom<LogDocument>((value) => typeof value === "object" && value !== null)
  .meta({ type: "object", additionalProperties: true, description: "The log as it is stored." });

export const searchParamsSchema = readFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(MAX_SEARCH_LIMIT).default(100),
  cursor: cursorSchema,
  highlight: z
    .stringbool()
    .default(false)
    .meta({ description: "Whether to say where the query's words stand in a message.", type: "boolean" }),
});

/** Where the query's words stand in a text: UTF-16 code units, start and end, in order. */
export const highlightSchema = z.object({
  field: z.enum(["body", "exception.message"]),
  ranges: z.array(z.tuple([z.int(), z.int()])),
});

/** One hit: the document and its id. */
export const searchHitSchema = z
  .object({
    id: z.string(),
    document: documentSchema,
    highlights: z.array(highlightSchema).optional(),
  })
  .meta({ id: "SearchHit" });

/** Answer of `GET /search`, the newest first. */
export const searchResponseSchema = z.object({
  total: z.int().meta({ description: "How many match: exact up to 10,000, then a lower bound." }),
  totalIsLowerBound: z.boolean(),
  hits: z.array(searchHitSchema),
  nextCursor: nextCursorSchema,
});

export const contextParamsSchema = z.object({
  id: z.guid().toLowerCase().meta({ description: "The event's id." }),
  limit: z.coerce.number().int().min(1).max(MAX_CONTEXT_LIMIT).default(50).meta({ description: "On each side." }),
  by: z
    .enum(["session", "device", "client"])
    .optional()
    .meta({ description: "Absent: the first of these that the event names." }),
});

/** Answer of `GET /context`: what the same session, device or client logged around an event, the oldest first. */
export const contextResponseSchema = z.object({
  event: searchHitSchema,
  by: z.enum(["session", "device", "client"]).optional().meta({ description: "Absent: the event names none of them." }),
  value: z.string().optional().meta({ description: "The session's, device's or client's id." }),
  before: z.array(searchHitSchema),
  after: z.array(searchHitSchema),
});

export const rejectedParamsSchema = z.object({
  app: readFilterSchema.shape.app,
  reason: z.enum(REJECT_REASONS).optional(),
  from: timeParamSchema.optional(),
  to: timeParamSchema.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_REJECTED_LIMIT).default(50),
  cursor: cursorSchema,
});

export const rejectedHitSchema = z.object({
  id: z.string(),
  document: z
    .custom<RejectedDocument>((value) => typeof value === "object" && value !== null)
    .meta({ type: "object", additionalProperties: true, description: "What could not be stored, and why." }),
});

/** Answer of `GET /rejected`, the newest first. */
export const rejectedResponseSchema = z.object({
  total: z.int(),
  totalIsLowerBound: z.boolean(),
  byReason: z.array(z.object({ reason: z.enum(REJECT_REASONS), count: z.int() })),
  hits: z.array(rejectedHitSchema),
  nextCursor: nextCursorSchema,
});

export type SearchParams = z.output<typeof searchParamsSchema>;
export type Highlight = z.output<typeof highlightSchema>;
export type SearchHit = z.output<typeof searchHitSchema>;
export type SearchResponse = z.output<typeof searchResponseSchema>;
export type ContextParams = z.output<typeof contextParamsSchema>;
export type ContextResponse = z.output<typeof contextResponseSchema>;
export type RejectedParams = z.output<typeof rejectedParamsSchema>;
export type RejectedHit = z.output<typeof rejectedHitSchema>;
export type RejectedResponse = z.output<typeof rejectedResponseSchema>;
