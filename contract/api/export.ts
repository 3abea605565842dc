/**
 * `GET /export`: every log that a filter matches, the oldest first, as a stream of any length.
 *
 * A stream that ends well is complete. One that breaks is resumed by the same request with `after` set to the time and
 * id of the last whole line that came: no log is lost, none comes twice.
 */
import * as z from "zod";
import { MAX_ATTRIBUTE_KEY_LENGTH, MAX_EXPORT_COLUMNS } from "#contract/wire/limits.ts";
import { readFilterSchema } from "./read-filter.ts";

/**
 * `ndjson`: `{"id":…,"document":{…}}` a line. `csv`: a head and the columns asked for, formulas made harmless.
 * `text`: time, level, app, id and message, one log a line and its stack trace indented below it.
 */
export const EXPORT_FORMATS = ["ndjson", "csv", "text"] as const;

/** What a CSV has where no columns are asked for. `time` and `id` are always the first two. */
export const DEFAULT_EXPORT_COLUMNS = [
  "level",
  "app",
  "message",
  "service.name",
  "service.version",
  "deployment.environment.name",
  "user.id",
  "session.id",
  "exception.type",
  "exception.message",
  "traceId",
] as const;

/** `2026-11-17T08:00:00.000Z,019ab0c0-…`: time and id of the last log that came. */
const AFTER = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z,[0-9a-f-]{36}$/;

export const exportParamsSchema = readFilterSchema.extend({
  format: z.enum(EXPORT_FORMATS).default("ndjson"),
  columns: z
    .array(z.string().min(1).max(MAX_ATTRIBUTE_KEY_LENGTH))
    .max(MAX_EXPORT_COLUMNS)
    .optional()
    .meta({ description: "Fields of a CSV, by their names in the query language." }),
  after: z
    .string()
    .regex(AFTER, { error: "must be TIME,ID of the last line that came" })
    .optional()
    .meta({ description: "Resume behind this log: its `@timestamp` and its id with a comma between them." }),
});

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export type ExportParams = z.output<typeof exportParamsSchema>;
