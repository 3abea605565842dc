/**
 * `GET /search?app=&q=&severity=&limit=`: the newest logs that match, for the holder of a reader token.
 */
import * as z from "zod";
import { MAX_QUERY_LENGTH, MAX_SEARCH_LIMIT } from "../../../contract/limits.ts";
import { SEVERITIES } from "../../../contract/severity.ts";
import type { ReaderRecord } from "../apps.ts";
import { authenticateReader } from "../credentials.ts";
import type { Env } from "../env.ts";
import { toViolation } from "../ingest/to-violation.ts";
import { createStoreClient } from "../opensearch/client.ts";
import { searchLogs } from "../opensearch/search-logs.ts";
import { ProblemError } from "../problem.ts";

const DEFAULT_LIMIT = 100;

const querySchema = z.object({
  app: z.string().optional(),
  q: z.string().max(MAX_QUERY_LENGTH).default(""),
  severity: z.enum(SEVERITIES).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_SEARCH_LIMIT).default(DEFAULT_LIMIT),
});

/** The apps that are asked for, or all that the reader may read. */
const toApps = (app: string | undefined, reader: ReaderRecord): readonly string[] => {
  if (app === undefined || app === "") return reader.apps;
  if (reader.apps.includes(app)) return [app];
  throw new ProblemError({
    status: 403,
    reason: "forbidden_app",
    detail: "This token may not read that app.",
    field: "app",
  });
};

export const getSearch = async (request: Request, env: Env): Promise<Response> => {
  const reader = await authenticateReader(request, env.APPS);
  const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!query.success) {
    const { reason, message, field, limit } = toViolation(query.error);
    throw new ProblemError({ status: 400, reason, detail: message, field, limit });
  }
  const { app, q, severity, limit } = query.data;
  const apps = toApps(app, reader);
  const answer = await searchLogs(createStoreClient(env.OPENSEARCH_URL), { apps, text: q.trim(), severity, limit });
  return Response.json(answer, { headers: { "Cache-Control": "no-store" } });
};
