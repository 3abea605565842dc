/** What overview and app page are made of. */
import type { Facet, Group, GroupsResponse, HistogramResponse, OverviewResponse } from "#contract/api/statistics.ts";
import { useFetch, type FetchState } from "../api/use-fetch.ts";
import { toFilteredPath } from "./filtered-path.ts";

const REFRESH_MS = 30_000;
const TOP_GROUPS = 8;

export interface Overview {
  readonly overview: OverviewResponse | undefined;
  readonly histogram: HistogramResponse | undefined;
  readonly groups: readonly Group[] | undefined;
  readonly failure: FetchState<unknown>["failure"];
  readonly isLoading: boolean;
  /** What is there answers another filter than the present one. */
  readonly isStale: boolean;
  /** Neither a log nor anything rejected. */
  readonly isEmpty: boolean;
  findFacet(name: string): Facet | undefined;
  reload(): void;
}

/** Asks for the present filter; `isWanted` false asks nothing. */
export const useOverview = (isWanted = true): Overview => {
  const refresh = { refreshMs: REFRESH_MS };
  const toPath = (route: string, more?: Readonly<Record<string, string>>): string | undefined =>
    isWanted ? toFilteredPath(route, more) : undefined;
  const overview = useFetch<OverviewResponse>(toPath("/overview"), refresh);
  const histogram = useFetch<HistogramResponse>(toPath("/histogram"), refresh);
  const groups = useFetch<GroupsResponse>(toPath("/groups", { limit: String(TOP_GROUPS) }), refresh);
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
    findFacet: (name) => answer?.facets.find(({ field }) => field === name),
    reload: () => [overview, histogram, groups].forEach((answered) => answered.reload()),
  };
};
