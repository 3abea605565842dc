/** Usage of the reader's apps, for the app page. */
import type { UsageResponse } from "#contract/api/usage.ts";
import type { AppUsage } from "#contract/store/usage.ts";
import { useFetch, type FetchState } from "../api/use-fetch.ts";

/** Number of days (UTC) that the app page shows, including the current one. */
export const USAGE_DAYS = 7;

/** The Worker counts the current day every minute. */
const REFRESH_MS = 60_000;

/** Usage of all apps of the reader. It does not depend on the filter. */
export const useUsage = (): FetchState<UsageResponse> =>
  useFetch<UsageResponse>(`/usage?days=${USAGE_DAYS}`, { refreshMs: REFRESH_MS });

/** Today's usage of the reader's apps by size, the largest first; `undefined` if today has no count yet. */
export const toTodaysApps = (
  { days }: UsageResponse,
  nowMs = Date.now(),
): { readonly apps: readonly AppUsage[]; readonly countedAt: string } | undefined => {
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const usage = days.find(({ day }) => day === today);
  return usage && { apps: usage.apps.toSorted((a, b) => b.bytes - a.bytes), countedAt: usage.countedAt };
};
