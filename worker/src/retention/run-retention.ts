/**
 * Applies retention if the clock is right: one that is a month ahead would delete all logs that are stored for 30 days.
 */
import type { Deletion } from "#contract/store/retention.ts";
import { SECOND_MS } from "#contract/wire/durations.ts";
import { MAX_RELAY_CLOCK_SKEW_MS } from "#contract/wire/limits.ts";
import { logWarning } from "../logger.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { applyRetention } from "./apply-retention.ts";
import type { SizeLimits } from "./plan-retention.ts";

/**
 * Deletes nothing, and logs that, if the clocks differ by more than 2 minutes.
 *
 * @param fetchStoreTimeMs OpenSearch's clock, in milliseconds since 1970.
 */
export const runRetention = async (
  client: StoreClient,
  scheduledMs: number,
  limits: SizeLimits,
  fetchStoreTimeMs: () => Promise<number>,
  clock: () => number = Date.now,
): Promise<readonly Deletion[]> => {
  const aheadMs = clock() - (await fetchStoreTimeMs());
  if (Math.abs(aheadMs) <= MAX_RELAY_CLOCK_SKEW_MS) return await applyRetention(client, scheduledMs, limits);
  logWarning("retention deleted nothing: the clocks of the Worker and of OpenSearch differ", {
    aheadSeconds: Math.round(aheadMs / SECOND_MS),
  });
  return [];
};
