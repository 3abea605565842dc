/**
 * `GET /export`: all logs that match a filter, oldest first, as a stream of any length.
 *
 * A stream that ends without an error is complete. To resume an interrupted stream, send the same request with `after`
 * set to the time and id of the last complete line. No log is then missing or repeated.
 */
import * as z from "zod";
import { MAX_ATTRIBUTE_KEY_LENGTH, MAX_EXPORT_COLUMNS } from "#contract/wire/limits.ts";
import { readFilterSchema } from "./read-filter.ts";

/**
 * `ndjson`: one line `{"id":…,"document":{…}}` for each log. `csv`: UTF-8 with a byte order mark, a header and the
 * requested columns; all cells are quoted, times are in UTC, and lines that a spreadsheet would run as formulas begin with an
 * apostrophe. `text`: one line with time, level, app, id and message for each log,
 * followed by its indented stack trace.
 */
export const EXPORT_FORMATS = ["ndjson", "csv", "text"] as const;

/** Columns of a CSV without `columns`. The first two columns are always `time (UTC)` and `id`. */
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

/** `2026-11-17T08:00:00.000Z,019ab0c0-…`: time and id of the last log received. The time can have nanoseconds. */
const AFTER = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}(?:\d{6})?Z,[0-9a-f-]{36}$/;

/**
 * Parameters of `GET /export`.
 *
 * @example
 * ```
 * GET /export?format=csv&columns=level,message,user.id&q=level:>=error&from=now-7d
 * ```
 */
export const exportParamsSchema = readFilterSchema.extend({
  format: z.enum(EXPORT_FORMATS).default("ndjson"),
  columns: z.array(z.string().min(1).max(MAX_ATTRIBUTE_KEY_LENGTH)).max(MAX_EXPORT_COLUMNS).optional().meta({
    description:
      "Columns of a CSV: names of fields in the query language, or of attributes, as `field` of `GET /facets`: repeated, or separated by commas. A comma in a name is written as `\\,`.",
  }),
  after: z
    .string()
    .regex(AFTER, { error: "must be TIME,ID of the last complete line" })
    .optional()
    .meta({ description: "Resume after this log: its `@timestamp` and its id, separated by a comma." }),
});

export type ExportFormat = (typeof EXPORT_FORMATS)[number];
