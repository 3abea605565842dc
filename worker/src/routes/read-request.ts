/**
 * What every route of the read side begins with: whose token it is, and parameters by their schema.
 */
import type * as z from "zod";
import type { ReaderRecord } from "../access/apps.ts";
import { authenticateReader } from "../access/credentials.ts";
import type { Env } from "../env.ts";
import { toViolation } from "../ingest/to-violation.ts";
import { createStoreClient, type StoreClient } from "../opensearch/client.ts";
import { ProblemError } from "../http/problem.ts";

export interface ReadRequest<T> {
  readonly reader: ReaderRecord;
  readonly params: T;
  readonly client: StoreClient;
}

/** Parameters that are lists: written once with commas, or more than once. */
const LISTS: ReadonlySet<string> = new Set(["field", "columns"]);

const toObject = (query: URLSearchParams): Record<string, unknown> => {
  const params: Record<string, unknown> = Object.create(null);
  // An empty parameter is one that is not there: that is what an empty box of a form sends.
  for (const [name, value] of query) {
    if (value === "") continue;
    if (!LISTS.has(name)) params[name] = value;
    else params[name] = [...((params[name] as string[] | undefined) ?? []), ...value.split(",")];
  }
  return params;
};

/** Throws a 400 that names the parameter. */
export const parseBySchema = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { reason, message, field, limit } = toViolation(parsed.error);
  throw new ProblemError({ status: 400, reason, detail: message, field, limit });
};

export const readRequest = async <S extends z.ZodType>(
  request: Request,
  env: Env,
  schema: S,
): Promise<ReadRequest<z.output<S>>> => {
  const reader = await authenticateReader(request, env.APPS);
  const params = parseBySchema(schema, toObject(new URL(request.url).searchParams));
  return { reader, params, client: createStoreClient(env.OPENSEARCH_URL) };
};

/** Logs are nobody's business but the reader's: no cache keeps an answer. */
export const answerJson = (body: object): Response => Response.json(body, { headers: { "Cache-Control": "no-store" } });
