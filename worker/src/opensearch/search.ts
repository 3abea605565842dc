/**
 * Sends searches to OpenSearch and checks the responses. By default an incomplete response counts as unavailable: a total
 * without one of the shards would be wrong. A client with `onMissingShards` accepts it and gets a report of the missing shards.
 */
import * as z from "zod";
import { LOGS_INDEX_PATTERN } from "#contract/store/log-document.ts";
import {
  PatternTooComplexError,
  ResponseTooLargeError,
  StoreUnavailableError,
  type StoreClient,
  type StoreResponse,
} from "./client.ts";

const SEARCH_FLAGS = "ignore_unavailable=true&allow_no_indices=true";
const MAX_DETAIL_LENGTH = 100;

/** Path of a search in a point in time, which determines the indices. The result of the search must be complete. */
export const PIT_SEARCH_PATH = "/_search?allow_partial_search_results=false";

/** The reasons for patterns that are case-insensitive, and for others. They have no common type. */
const TOO_COMPLEX = /too complex to determinize|Determinizing automaton/;

const errorSchema = z.object({ error: z.object({ root_cause: z.array(z.object({ reason: z.string().nullish() })) }) });

const isPatternTooComplex = (body: unknown): boolean =>
  errorSchema.safeParse(body).data?.error.root_cause.some(({ reason }) => TOO_COMPLEX.test(reason ?? "")) === true;

/** The body of a 200 response. Throws {@link StoreUnavailableError} for other statuses and for other shapes. */
export const parseResponse = <S extends z.ZodType>({ status, body }: StoreResponse, schema: S): z.output<S> => {
  const parsed = schema.safeParse(body);
  if (status === 200 && parsed.success) return parsed.data;
  if (status === 400 && isPatternTooComplex(body)) throw new PatternTooComplexError("pattern_too_complex", status);
  const { error } = (body ?? {}) as { error?: { type?: unknown } };
  const detail = String(error?.type ?? parsed.error?.issues[0]?.path.join(".") ?? "");
  throw new StoreUnavailableError(detail.slice(0, MAX_DETAIL_LENGTH), status);
};

const failureSchema = z.object({ index: z.string().nullish(), reason: z.object({ type: z.string() }) });

const shardsSchema = z.object({
  _shards: z.object({ total: z.int(), successful: z.int(), failures: z.array(failureSchema).default([]) }),
});

/** The type of the error of a search without any available shard. */
const allFailedSchema = z.object({
  error: z.object({ type: z.literal("search_phase_execution_exception"), failed_shards: z.array(failureSchema) }),
});

/** A shard whose copies are not assigned, or on nodes that are not reachable. */
const UNAVAILABLE_SHARDS: ReadonlySet<string> = new Set([
  "no_shard_available_action_exception",
  "unavailable_shards_exception",
  "shard_not_found_exception",
  "illegal_index_shard_state_exception",
  "node_not_connected_exception",
  "connect_transport_exception",
]);

const EMPTY_RESULT = { hits: { total: { value: 0, relation: "eq" }, hits: [] } };

const toIndices = (failures: readonly z.output<typeof failureSchema>[]): readonly string[] =>
  failures.flatMap(({ index }) => (typeof index === "string" ? [index] : []));

/** Reports missing shards. Returns an empty result if no shard is available and the client accepts that. */
export const acceptPartial = (client: StoreClient, pattern: string, response: StoreResponse): StoreResponse => {
  const { onMissingShards } = client;
  if (onMissingShards === undefined) return response;
  if (response.status === 503) {
    const failures = allFailedSchema.safeParse(response.body).data?.error.failed_shards;
    if (failures?.every(({ reason }) => UNAVAILABLE_SHARDS.has(reason.type)) !== true) return response;
    onMissingShards({ pattern, failed: Math.max(failures.length, 1), indices: toIndices(failures) });
    return { status: 200, body: EMPTY_RESULT };
  }
  const shards = shardsSchema.safeParse(response.body).data?._shards;
  // `failed` does not include shards that are not assigned to a node; `successful` includes skipped ones.
  const failed = shards === undefined ? 0 : shards.total - shards.successful;
  if (shards !== undefined && failed > 0) {
    onMissingShards({ pattern, failed, indices: toIndices(shards.failures) });
  }
  return response;
};

/**
 * Posts a search over an index pattern with `post` (default: the method of the client). The response may be incomplete
 * if the client accepts that.
 */
export const postSearch = async (
  client: StoreClient,
  body: object,
  pattern: string = LOGS_INDEX_PATTERN,
  post: (path: string, body: object) => Promise<StoreResponse> = (path, content) =>
    client.request("POST", path, content),
): Promise<StoreResponse> => {
  const isPartialAllowed = client.onMissingShards !== undefined;
  const path = `/${pattern}/_search?${SEARCH_FLAGS}&allow_partial_search_results=${isPartialAllowed}`;
  return acceptPartial(client, pattern, await post(path, body));
};

/** Posts a search over an index pattern (default: all logs) and parses its response. Throws {@link StoreUnavailableError}. */
export const search = async <S extends z.ZodType>(
  client: StoreClient,
  body: object,
  schema: S,
  pattern?: string,
): Promise<z.output<S>> => parseResponse(await postSearch(client, body, pattern), schema);

/** Like {@link search}. Throws `ResponseTooLargeError` if the response has more than `maxBytes` bytes. */
export const searchWithin = async <S extends z.ZodType>(
  client: StoreClient,
  maxBytes: number,
  body: object,
  schema: S,
  pattern?: string,
): Promise<z.output<S>> => {
  const post = (path: string, content: object): Promise<StoreResponse> =>
    client.requestWithin(maxBytes, "POST", path, content);
  return parseResponse(await postSearch(client, body, pattern, post), schema);
};

/**
 * Calls `send` with a size, and again with a quarter of it while its response is too large. Throws `ResponseTooLargeError` if it is too
 * large with the size 1.
 */
export const withFittingSize = async <T>(size: number, send: (size: number) => Promise<T>): Promise<T> => {
  try {
    return await send(size);
  } catch (error) {
    if (!(error instanceof ResponseTooLargeError) || size === 1) throw error;
    return await withFittingSize(Math.ceil(size / 4), send);
  }
};
