/** Data of the overview and the app page. */
import type { Facet, Group, GroupsResponse, HistogramResponse, OverviewResponse } from "#contract/api/statistics.ts";
import { useFetch, type FetchState } from "../api/use-fetch.ts";
import type { MayBeIncomplete } from "./describe-incomplete.ts";
import { filter, toParams } from "../address.ts";
import { isQueryValid } from "../filter/filter-bar.tsx";
import { toHistogramPath } from "./histogram-path.ts";
import { toFilteredPath } from "./filtered-path.ts";

const REFRESH_MS = 30_000;
const TOP_GROUPS = 8;

export interface Overview {
  readonly overview: OverviewResponse | undefined;
  readonly histogram: HistogramResponse | undefined;
  readonly groups: readonly Group[] | undefined;
  readonly failure: FetchState<unknown>["failure"];
  readonly isLoading: boolean;
  /** The data shown belongs to a previous filter. */
  readonly isStale: boolean;
  /** No logs and no rejected payloads. */
  readonly isEmpty: boolean;
  /** The responses, which may lack logs. */
  readonly answers: readonly MayBeIncomplete[];
  findFacet(name: string): Facet | undefined;
  reload(): void;
}

/** Loads the overview of the current filter and refreshes it. */
export const useOverview = (): Overview => {
  const refresh = { refreshMs: REFRESH_MS };
  const overview = useFetch<OverviewResponse>(toFilteredPath("/overview"), refresh);
  const histogram = useFetch<HistogramResponse>(
    isQueryValid() ? toHistogramPath(toParams(filter.value)) : undefined,
    refresh,
  );
  const groups = useFetch<GroupsResponse>(toFilteredPath("/groups", { limit: String(TOP_GROUPS) }), refresh);
  const { answer, isLoading } = overview;
  const isStale = overview.isStale && answer !== undefined;
  return {
    overview: answer,
    histogram: histogram.answer,
    groups: groups.answer?.groups,
    failure: overview.failure ?? histogram.failure ?? groups.failure,
    isLoading,
    isStale,
    isEmpty: !isStale && answer?.total === 0 && answer.rejected.total === 0,
    answers: [answer, histogram.answer, groups.answer],
    findFacet: (name) => answer?.facets.find(({ field }) => field === name),
    reload: () => [overview, histogram, groups].forEach((answered) => answered.reload()),
  };
};
