/**
 * Finds the position of a log in the order of an export from its time and id.
 */
import type { StoreClient } from "../opensearch/client.ts";
import { allOf, range, term } from "../query/clauses.ts";
import { inApps } from "./scope.ts";
import { positionOf, searchPage } from "./search-page.ts";
import { startOf, type PagePosition } from "./sort-order.ts";

/**
 * The position after a log. If the log no longer exists, the position before all logs of its millisecond: logs are then
 * repeated, but not left out.
 *
 * @param after `TIME,ID` of the log.
 */
export const findPosition = async (
  client: StoreClient,
  apps: readonly string[],
  after: string,
): Promise<PagePosition> => {
  const [time = "", id = ""] = after.split(",");
  const timeMs = Date.parse(time);
  const clause = allOf([
    inApps(apps),
    term("log.record.uid", id),
    range("@timestamp", { gte: timeMs, lte: timeMs, format: "epoch_millis" }),
  ]);
  const [log] = (await searchPage(client, { clause, size: 1, order: "asc" })).hits;
  return log === undefined ? startOf(timeMs) : positionOf(log);
};
