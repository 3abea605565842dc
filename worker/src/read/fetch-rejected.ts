/**
 * Rejected events, for readers of the app that sent them.
 */
import * as z from "zod";
import { REJECTED_INDEX_PATTERN, type RejectedDocument } from "#contract/store/log-document.ts";
import { REJECT_REASONS } from "#contract/wire/reject-reason.ts";
import type { RejectedResponse } from "#contract/api/search.ts";
import type { Clause } from "../query/clauses.ts";
import type { Cursor } from "./cursor.ts";
import { aggregate } from "./aggregate.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { REJECTED_ORDER } from "./sort-order.ts";
import { searchPage, type Page } from "./search-page.ts";

type Reasons = RejectedResponse["byReason"];

/** A document without a count has one event. */
const EVENTS = { sum: { field: "event.count", missing: 1 } };

const reasonsSchema = z
  .object({ buckets: z.array(z.object({ key: z.string(), events: z.object({ value: z.int() }) })) })
  .prefault({ buckets: [] });

const totalSchema = z.object({ value: z.int() }).prefault({ value: 0 });

/** Numbers of rejected events, by reason, most frequent first. */
export const countByReason = async (
  client: StoreClient,
  clause: Clause,
): Promise<{ total: number; byReason: Reasons }> => {
  const aggs = {
    reasons: {
      terms: { field: "reason", size: REJECT_REASONS.length, order: { events: "desc" } },
      aggs: { events: EVENTS },
    },
    events: EVENTS,
  };
  const results = await aggregate(client, clause, aggs, REJECTED_INDEX_PATTERN);
  const byReason = results.get("reasons", reasonsSchema).buckets.flatMap(({ key, events: { value: count } }) => {
    const reason = REJECT_REASONS.find((known) => known === key);
    return reason === undefined ? [] : [{ reason, count }];
  });
  return { total: results.get("events", totalSchema).value, byReason };
};

export interface RejectedPage extends Pick<RejectedResponse, "total" | "totalIsLowerBound" | "byReason" | "hits"> {
  readonly next: Page["next"];
}

/** One page of rejected events, newest first. */
export const fetchRejected = async (
  client: StoreClient,
  clause: Clause,
  size: number,
  cursor: Cursor | undefined,
): Promise<RejectedPage> => {
  const [{ total, byReason }, page] = await Promise.all([
    countByReason(client, clause),
    searchPage(client, {
      clause,
      size,
      order: "desc",
      after: cursor?.after,
      indices: REJECTED_INDEX_PATTERN,
      sortOrder: REJECTED_ORDER,
    }),
  ]);
  const hits = page.hits.map(({ _id, _source }) => ({ id: _id, document: _source as unknown as RejectedDocument }));
  return { total, totalIsLowerBound: false, byReason, hits, next: page.next };
};
