/**
 * One page of documents in a total order: by time, and by id where the times are the same.
 */
import * as z from "zod";
import type { Clause } from "../query/clauses.ts";
import { allOf, range } from "../query/clauses.ts";
import { askForAnswer, PIT_SEARCH_PATH, readAnswer, searchPath } from "./run-search.ts";
import type { StoreAnswer, StoreClient } from "../opensearch/client.ts";
import { PIT_KEEP_ALIVE } from "../opensearch/point-in-time.ts";

/** Where a page ends: the time in milliseconds since 1970, and the id, of its last document. */
export type Place = readonly [timeMs: number, id: string];

export interface PageRequest {
  readonly clause: Clause;
  readonly size: number;
  readonly order: "asc" | "desc";
  readonly after?: Place | undefined;
  /** Id of a point in time; forgotten where it is gone. */
  readonly pit?: string | undefined;
  /** Index pattern, and the field that orders documents of the same time. Default: logs. */
  readonly indices?: string;
  readonly idField?: string;
  readonly isCounted?: boolean;
  readonly highlight?: object | undefined;
  /** The answer may have so many bytes. */
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
        sort: z.tuple([z.number(), z.string().nullable()]),
        highlight: z.record(z.string(), z.array(z.string())).optional(),
      }),
    ),
  }),
});

export type Page = z.output<typeof pageSchema>["hits"] & {
  /** The point in time to go on with. */
  readonly pit: string | undefined;
  /** The place after which the next page begins; `undefined` where this is the last. */
  readonly next: Place | undefined;
};

export type PageHit = Page["hits"][number];

/** What lies behind the place by time alone: shards and blocks that hold nothing of it are skipped. */
const behind = (order: "asc" | "desc", [timeMs]: Place): Clause =>
  range("@timestamp", { [order === "asc" ? "gte" : "lte"]: timeMs, format: "epoch_millis" });

const toBody = (request: PageRequest): object => {
  const { clause, size, order, after, highlight, idField = "log.record.uid" } = request;
  return {
    size,
    sort: [{ "@timestamp": order }, { [idField]: order }],
    query: after === undefined ? clause : allOf([clause, behind(order, after)]),
    track_total_hits: request.isCounted === true ? 10_000 : false,
    ...(after === undefined ? {} : { search_after: after }),
    ...(highlight === undefined ? {} : { highlight }),
  };
};

/** Throws a 503, and `AnswerTooLarge` where `maxBytes` is set and passed. */
export const searchPage = async (client: StoreClient, request: PageRequest): Promise<Page> => {
  const { pit, maxBytes, indices, size } = request;
  const body = toBody(request);
  const post = async (path: string, content: object): Promise<StoreAnswer> =>
    await askForAnswer(
      maxBytes === undefined
        ? client.request("POST", path, content)
        : client.requestWithin(maxBytes, "POST", path, content),
    );
  const within = pit === undefined ? undefined : { ...body, pit: { id: pit, keep_alive: PIT_KEEP_ALIVE } };
  let answer = within === undefined ? undefined : await post(PIT_SEARCH_PATH, within);
  const isWithinPit = answer?.status === 200;
  if (answer === undefined || !isWithinPit) answer = await post(searchPath(indices), body);
  const { hits, pit_id: nextPit } = readAnswer(answer, pageSchema);
  const last = hits.hits.length < size ? undefined : hits.hits.at(-1);
  return {
    ...hits,
    pit: isWithinPit ? (nextPit ?? pit) : undefined,
    next: last === undefined ? undefined : [last.sort[0], last.sort[1] ?? last._id],
  };
};
