/**
 * Points in time: all pages of a search show the documents that existed when it began. A point in time costs memory and
 * the cluster limits their number, so its absence is not an error: the sort order alone is enough to continue.
 */
import * as z from "zod";
import { LOGS_INDEX_PATTERN } from "#contract/store/log-document.ts";
import type { StoreClient } from "./client.ts";

export const PIT_KEEP_ALIVE = "2m";

const openedSchema = z.object({ pit_id: z.string() });

/** The id of a new point in time over all logs; `undefined` when the cluster refuses. */
export const openPointInTime = async (client: StoreClient): Promise<string | undefined> => {
  const path = `/${LOGS_INDEX_PATTERN}/_search/point_in_time?keep_alive=${PIT_KEEP_ALIVE}&allow_partial_pit_creation=false`;
  const response = await client.request("POST", path).catch(() => undefined);
  return openedSchema.safeParse(response?.body).data?.pit_id;
};

/** Best effort: it also expires on its own. */
export const closePointInTime = async (client: StoreClient, id: string): Promise<void> => {
  await client.request("DELETE", "/_search/point_in_time", { pit_id: [id] }).catch(() => undefined);
};
