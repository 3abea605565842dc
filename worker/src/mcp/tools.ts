/**
 * The tools of the MCP server. Each one is a route of the read API with fewer parameters, so it has the same checks, limits and results.
 */
import * as z from "zod";
import { joinList } from "#contract/api/list-param.ts";
import { CONTEXT_GROUPINGS } from "#contract/api/search.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { getContext } from "../routes/context.ts";
import type { ReadCall } from "../routes/parse-read-request.ts";
import { getSearch } from "../routes/search.ts";
import { getFacets, getFields, getGroups } from "../routes/statistics.ts";

/** Parameters of a route, as a model gives them. The route validates them. */
export type ToolInput = Readonly<Record<string, string | number | readonly string[] | undefined>>;

export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly path: string;
  readonly get: (call: ReadCall) => Promise<Response>;
}

const FILTER = {
  q: z
    .string()
    .optional()
    .describe(
      'Query: words and "phrases" in the text and the error, and fields, joined by a space (AND), OR, or - (NOT). For example: level:>=error "payment failed" service:checkout http.response.status_code:>=500 -user.id:bot',
    ),
  app: z.string().optional().describe("App ids, separated by commas. Default: all apps that the token may read."),
  severity: z.enum(SEVERITIES).optional().describe("Minimum severity."),
  from: z
    .string()
    .optional()
    .describe("Start time: RFC 3339, or relative to now such as now-15m, now-24h, now-7d. Default: the oldest log."),
  to: z.string().optional().describe("End time, in the same forms. Default: the newest log."),
};

const limit = (description: string, max: number, preset: number): z.ZodDefault<z.ZodInt> =>
  z.int().min(1).max(max).default(preset).describe(description);

export const TOOLS: readonly Tool[] = [
  {
    name: "search",
    title: "Search logs",
    description:
      "Finds logs, newest first. Long texts are cut: use `context` with the id of a log for up to 45,000 characters of it.",
    input: z.strictObject({
      ...FILTER,
      limit: limit("Number of logs.", 50, 20),
      cursor: z
        .string()
        .optional()
        .describe("`nextCursor` of the previous result, for its next page. Repeat the other parameters."),
    }),
    path: "/search",
    get: getSearch,
  },
  {
    name: "facets",
    title: "Count values",
    description:
      "Counts the most frequent values of fields in the logs that match, with the number of errors for each, and statistics of numbers. Use `fields` for names.",
    input: z.strictObject({
      ...FILTER,
      field: z
        .array(z.string().min(1))
        .min(1)
        .max(5)
        .describe("Names of fields or attributes, such as level, service, user.id, http.response.status_code."),
      size: limit("Number of values of each field.", 50, 10),
    }),
    path: "/facets",
    get: getFacets,
  },
  {
    name: "groups",
    title: "Group errors",
    description:
      "Groups the errors that match by their fingerprint, with the count, the number of users, the first and last time, and the versions. The query group:KEY finds the logs of a group.",
    input: z.strictObject({
      ...FILTER,
      limit: limit("Number of groups.", 50, 10),
      sort: z.enum(["count", "last", "users"]).default("count").describe("Order of the groups, highest first."),
    }),
    path: "/groups",
    get: getGroups,
  },
  {
    name: "context",
    title: "Read a log and the logs around it",
    description:
      "Returns one log, complete up to about 45,000 characters, with the logs before and after it of the same session, device, client, trace, host, service or app.",
    input: z.strictObject({
      id: z.string().describe("Id of the log."),
      app: FILTER.app,
      by: z.enum(CONTEXT_GROUPINGS).optional().describe("The id that the logs share. Default: the narrowest one."),
      limit: limit("Number of logs on each side.", 50, 10),
    }),
    path: "/context",
    get: getContext,
  },
  {
    name: "fields",
    title: "List fields",
    description: "Lists the names of fields and of the attributes in recent logs that match, for queries and `facets`.",
    input: z.strictObject(FILTER),
    path: "/fields",
    get: getFields,
  },
];

const isList = (value: ToolInput[string]): value is readonly string[] => Array.isArray(value);

/** The request to the tool's route, with the authorization of `request`. */
export const toRouteRequest = ({ path }: Pick<Tool, "path">, input: ToolInput, request: Request): Request => {
  const url = new URL(path, request.url);
  for (const [name, value] of Object.entries(input)) {
    if (value !== undefined) url.searchParams.set(name, isList(value) ? joinList(value) : String(value));
  }
  return new Request(url, { headers: { Authorization: request.headers.get("Authorization") ?? "" } });
};
