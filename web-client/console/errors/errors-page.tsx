import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { MAX_GROUPS } from "#contract/wire/limits.ts";
import type { GroupsResponse } from "#contract/api/statistics.ts";
import { address, navigate } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { FilterBar } from "../filter/filter-bar.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { IncompleteBanner } from "../components/incomplete-banner.tsx";
import { formatCount } from "../lib/format-number.ts";
import { toFilteredPath } from "../lib/filtered-path.ts";
import { GroupTable } from "../components/group-table.tsx";
import { NoLogs } from "../components/no-logs.tsx";
import { PanelSkeleton } from "../components/panel.tsx";
import { GroupDetail } from "./group-detail.tsx";
import "./errors.css";

const REFRESH_MS = 30_000;
const FIRST_LIMIT = 30;

const SORTS = [
  ["count", "Most frequent"],
  ["last", "Last seen"],
  ["users", "Most users"],
] as const;

type Sort = (typeof SORTS)[number][0];

const toSort = (text: string): Sort => SORTS.find(([sort]) => sort === text)?.[0] ?? "count";

const SortPicker = ({ sort }: { readonly sort: Sort }): JSX.Element => (
  <label class="pick">
    <span>Sort by</span>
    <select
      class="field"
      value={sort}
      onChange={({ currentTarget: { value } }) => navigate({ sort: value === "count" ? "" : value })}
    >
      {SORTS.map(([name, label]) => (
        <option key={name} value={name}>
          {label}
        </option>
      ))}
    </select>
  </label>
);

/** Errors grouped by their fingerprint. */
export const ErrorsPage = (): JSX.Element => {
  const [limit, setLimit] = useState(FIRST_LIMIT);
  const open = address.value.group;
  const sort = toSort(address.value.sort);
  const path = toFilteredPath("/groups", { sort, limit: String(limit) });
  const { answer, failure, isLoading, isStale, reload } = useFetch<GroupsResponse>(path, { refreshMs: REFRESH_MS });
  const { groups = [], total = 0 } = answer ?? {};
  const hasMore = total > groups.length && limit < MAX_GROUPS;
  const isOpenMissing =
    answer !== undefined && !isStale && open !== "" && groups.length > 0 && groups.every(({ key }) => key !== open);
  // The address does not have the limit: after Back, the open group can be one that is not loaded yet.
  useEffect(() => {
    if (isOpenMissing && hasMore) setLimit(MAX_GROUPS);
  }, [isOpenMissing, hasMore]);

  return (
    <>
      <h1 class="visually-hidden">Errors</h1>
      <FilterBar>
        <SortPicker sort={sort} />
      </FilterBar>
      <ErrorBanner failure={failure} onRetry={reload} />
      <IncompleteBanner answers={[answer]} onReload={reload} />
      <div class="dashboard" aria-busy={isLoading} data-stale={isStale && answer !== undefined}>
        {answer === undefined ? (
          <div class="panel card" data-size="whole">
            <PanelSkeleton lines={12} />
          </div>
        ) : groups.length === 0 ? (
          <NoLogs what="errors" />
        ) : (
          <section class="panel card errors-list" data-size="whole" aria-label="Error groups">
            <GroupTable
              groups={groups}
              open={open}
              toGroup={({ key }) => ({ group: key === open ? "" : key })}
              renderOpen={(group) => <GroupDetail group={group} />}
            />
            <footer class="errors-foot">
              <span role="status">
                {formatCount(groups.length)} of {formatCount(Math.max(total, groups.length))} groups
              </span>
              {hasMore && (
                <button class="button small" type="button" onClick={() => setLimit(MAX_GROUPS)}>
                  Show {MAX_GROUPS}
                </button>
              )}
            </footer>
          </section>
        )}
        {isOpenMissing && !hasMore && (
          <p class="panel-empty">
            The linked error group is not in this list. Change the time range or the filter to find it.
          </p>
        )}
      </div>
    </>
  );
};
