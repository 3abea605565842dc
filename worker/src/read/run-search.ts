/**
 * Asks OpenSearch something and reads the answer by a schema. What is no such answer is a 503: a count that lacks a
 * shard would be wrong, and nobody could see it.
 */
import type * as z from "zod";
import { LOGS_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { logTrouble } from "../logger.ts";
import { ProblemError } from "../http/problem.ts";
import { AnswerTooLarge, type StoreAnswer, type StoreClient } from "../opensearch/client.ts";

const SEARCH_FLAGS = "ignore_unavailable=true&allow_no_indices=true&allow_partial_search_results=false";

/** Where to search: an index pattern. */
export const searchPath = (indices: string = LOGS_INDEX_PATTERN): string => `/${indices}/_search?${SEARCH_FLAGS}`;

/** Where to search within a point in time, which knows its indices. */
export const PIT_SEARCH_PATH = "/_search?allow_partial_search_results=false";

export const unavailable = (): ProblemError =>
  new ProblemError({
    status: 503,
    reason: "store_unavailable",
    detail: "OpenSearch does not answer.",
    headers: { "Retry-After": "5" },
  });

/** The answer as it is; a 503 where there is none. */
export const askForAnswer = async (answer: Promise<StoreAnswer>): Promise<StoreAnswer> => {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AnswerTooLarge) throw error;
    logTrouble("OpenSearch gave no answer to a search", { error: error instanceof Error ? error.name : "unknown" });
    throw unavailable();
  }
};

/** Reads a 200 by its schema. */
export const readAnswer = <S extends z.ZodType>({ status, body }: StoreAnswer, schema: S): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data;
  const { error } = body as { error?: { type?: unknown; reason?: unknown } };
  logTrouble("OpenSearch refused a search", {
    status,
    error: String(error?.type ?? parsed.error?.issues[0]?.path.join(".") ?? "").slice(0, 100),
  });
  throw unavailable();
};

export const ask = async <S extends z.ZodType>(
  client: StoreClient,
  path: string,
  body: object,
  schema: S,
): Promise<z.output<S>> => readAnswer(await askForAnswer(client.request("POST", path, body)), schema);
