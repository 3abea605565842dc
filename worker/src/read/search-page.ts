/**
 * One page of documents in a total order, see sort-order.ts.
 */
import * as z from "zod";
import type { Clause } from "../query/clauses.ts";
import { allOf, range } from "../query/clauses.ts";
import type { StoreResponse, StoreClient } from "../opensearch/client.ts";
import { PIT_KEEP_ALIVE } from "../opensearch/point-in-time.ts";
import { parseResponse, PIT_SEARCH_PATH, postSearch } from "../opensearch/search.ts";
import { LOG_ORDER, toSort, type PagePosition, type SortOrder } from "./sort-order.ts";

export interface PageRequest {
  readonly clause: Clause;
  readonly size: number;
  readonly order: "asc" | "desc";
  /** Only documents after this position, in the direction of `order`. */
  readonly after?: PagePosition | undefined;
  /** Id of a point in time. Ignored if it has expired. */
  readonly pit?: string | undefined;
  /** Index pattern. Default: all logs. */
  readonly indices?: string;
  /** Default: that of logs. */
  readonly sortOrder?: SortOrder;
  /** Whether to return the number of matching documents. */
  readonly isCounted?: boolean;
  readonly highlight?: object | undefined;
  /** Maximum size of the response in bytes. Default: unlimited. */
  readonly maxBytes?: number;
}

const pageSchema = z.object({
  pit_id: z.string().optional(),
  hits: z.object({
    total: z.object({ value: z.int(), relation: z.enum(["eq", "gte"]) }).optional(),
    hits: z.array(
      z.object({
        _id: z.string(),
        _source: z.custom<Record<string, unknown>>((value) => typeof value === "object" && value !== null),
        sort: z.tuple([z.number()], z.union([z.number(), z.string()]).nullable()),
        highlight: z.record(z.string(), z.array(z.string())).optional(),
      }),
    ),
  }),
});

export type Page = z.output<typeof pageSchema>["hits"] & {
  /** Id of the point in time for the next page. */
  readonly pit: string | undefined;
  /** Start of the next page; `undefined` if this is the last page. */
  readonly next: PagePosition | undefined;
};

export type PageHit = Page["hits"][number];

/** The position after a document. A document of another program may have no field for its id. */
export const positionOf = ({ _id, sort: [timeMs, ...rest] }: Pick<PageHit, "_id" | "sort">): PagePosition => [
  timeMs,
  ...rest.map((value) => value ?? _id),
];

/** Restricts the search to times after a position, so that OpenSearch can skip shards and blocks outside the range. */
const isAfter = (order: "asc" | "desc", [timeMs]: PagePosition): Clause =>
  range("@timestamp", { [order === "asc" ? "gte" : "lte"]: timeMs, format: "epoch_millis" });

const toBody = (request: PageRequest): object => {
  const { clause, size, order, after, highlight, sortOrder = LOG_ORDER } = request;
  return {
    size,
    sort: toSort(sortOrder, order),
    query: after === undefined ? clause : allOf([clause, isAfter(order, after)]),
    track_total_hits: request.isCounted === true ? 10_000 : false,
    ...(after === undefined ? {} : { search_after: after }),
    ...(highlight === undefined ? {} : { highlight }),
  };
};

/** Throws `StoreUnavailableError`, and `ResponseTooLargeError` if the response exceeds `maxBytes`. */
export const searchPage = async (client: StoreClient, request: PageRequest): Promise<Page> => {
  const { pit, maxBytes, indices, size } = request;
  const body = toBody(request);
  const post = async (path: string, content: object): Promise<StoreResponse> =>
    maxBytes === undefined
      ? await client.request("POST", path, content)
      : await client.requestWithin(maxBytes, "POST", path, content);
  const bodyWithPit = pit === undefined ? undefined : { ...body, pit: { id: pit, keep_alive: PIT_KEEP_ALIVE } };
  let response = bodyWithPit === undefined ? undefined : await post(PIT_SEARCH_PATH, bodyWithPit);
  const isPitValid = response?.status === 200;
  if (response === undefined || !isPitValid) response = await postSearch(client, body, indices, post);
  const { hits, pit_id: nextPit } = parseResponse(response, pageSchema);
  const last = hits.hits.length < size ? undefined : hits.hits.at(-1);
  return {
    ...hits,
    pit: isPitValid ? (nextPit ?? pit) : undefined,
    next: last === undefined ? undefined : positionOf(last),
  };
};
