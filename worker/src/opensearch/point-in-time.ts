/**
 * Points in time: a search that goes on page by page sees what was there when it began. They cost the cluster memory and
 * their number is bounded, so one that can't be had, or is gone, is no error: the sort order alone finds its place again.
 */
import * as z from "zod";
import { LOGS_INDEX_PATTERN } from "#contract/store/log-document.ts";
import type { StoreClient } from "./client.ts";

export const PIT_KEEP_ALIVE = "2m";

const openedSchema = z.object({ pit_id: z.string() });

/** Its id; `undefined` where the cluster gives none. */
export const openPointInTime = async (client: StoreClient): Promise<string | undefined> => {
  const path = `/${LOGS_INDEX_PATTERN}/_search/point_in_time?keep_alive=${PIT_KEEP_ALIVE}&allow_partial_pit_creation=false`;
  const answer = await client.request("POST", path).catch(() => undefined);
  return openedSchema.safeParse(answer?.body).data?.pit_id;
};

/** It would end by itself. */
export const closePointInTime = async (client: StoreClient, id: string): Promise<void> => {
  await client.request("DELETE", "/_search/point_in_time", { pit_id: [id] }).catch(() => undefined);
};
