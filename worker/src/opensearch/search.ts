/**
 * Sends searches to OpenSearch and checks the responses. An incomplete response counts as unavailable: a total without one
 * of the shards would be wrong, and nobody would notice.
 */
import type * as z from "zod";
import { LOGS_INDEX_PATTERN } from "#contract/store/log-document.ts";
import { StoreUnavailableError, type StoreResponse, type StoreClient } from "./client.ts";

const SEARCH_FLAGS = "ignore_unavailable=true&allow_no_indices=true&allow_partial_search_results=false";
const MAX_DETAIL_LENGTH = 100;

/** Path of a search over an index pattern. Default: all logs. */
export const searchPath = (indices: string = LOGS_INDEX_PATTERN): string => `/${indices}/_search?${SEARCH_FLAGS}`;

/** Path of a search in a point in time, which determines the indices. */
export const PIT_SEARCH_PATH = "/_search?allow_partial_search_results=false";

/** The body of a 200 response. Throws {@link StoreUnavailableError} for other statuses and for other shapes. */
export const parseResponse = <S extends z.ZodType>({ status, body }: StoreResponse, schema: S): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data;
  const { error } = (body ?? {}) as { error?: { type?: unknown } };
  const detail = String(error?.type ?? parsed.error?.issues[0]?.path.join(".") ?? "");
  throw new StoreUnavailableError(detail.slice(0, MAX_DETAIL_LENGTH), status);
};

/** Posts a search and parses its response. Throws {@link StoreUnavailableError}. */
export const search = async <S extends z.ZodType>(
  client: StoreClient,
  path: string,
  body: object,
  schema: S,
): Promise<z.output<S>> => parseResponse(await client.request("POST", path, body), schema);
