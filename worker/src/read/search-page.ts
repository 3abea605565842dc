/**
 * One page of documents in a total order, see sort-order.ts. Memory use is limited by bytes, not by the number of documents: a page
 * that is too large is requested again with fewer documents.
 */
import * as z from "zod";
import { MAX_PAYLOAD_DOCUMENT_BYTES } from "#contract/wire/limits.ts";
import type { Clause } from "../query/clauses.ts";
import { allOf, range } from "../query/clauses.ts";
import type { StoreClient, StoreResponse } from "../opensearch/client.ts";
import { PIT_KEEP_ALIVE } from "../opensearch/point-in-time.ts";
import { parseResponse, PIT_SEARCH_PATH, postSearch, withFittingSize } from "../opensearch/search.ts";
import { LOG_ORDER, toSort, type PagePosition, type SortOrder } from "./sort-order.ts";

/** Maximum size of a page as JSON. A Worker has 128 MiB; a page uses about three times its size, and eight may be in memory. */
const MAX_PAGE_BYTES = 4_194_304;

/** The same for a page of one document, with a copy of its highlighted texts. */
const MAX_SINGLE_DOCUMENT_BYTES = MAX_PAYLOAD_DOCUMENT_BYTES + 2_097_152;

export interface PageRequest {
  readonly clause: Clause;
  /** Maximum number of documents. The page has fewer if they are large. */
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
  /** The number of documents with which the page was not too large. */
  readonly size: number;
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

const searchOnce = async (client: StoreClient, request: PageRequest): Promise<Page> => {
  const { pit, indices, size } = request;
  const body = toBody(request);
  const maxBytes = size === 1 ? MAX_SINGLE_DOCUMENT_BYTES : MAX_PAGE_BYTES;
  const post = (path: string, content: object): Promise<StoreResponse> =>
    client.requestWithin(maxBytes, "POST", path, content);
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
    size,
  };
};

/** Throws `StoreUnavailableError`. */
export const searchPage = (client: StoreClient, request: PageRequest): Promise<Page> =>
  withFittingSize(request.size, (size) => searchOnce(client, { ...request, size }));
