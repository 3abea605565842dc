import type { JSX } from "preact";
import type { SearchResponse } from "#contract/api/search.ts";
import type { QueryHint } from "#contract/query/ast.ts";
import { parseQuery } from "#contract/query/parse.ts";
import { QueryHints, SuggestionButton } from "../filter/query-hints.tsx";
import { FirstLog } from "./first-log.tsx";
import { filter, navigate, toParams } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { formatCount } from "../lib/format-number.ts";
import { ErrorBanner } from "../components/error-banner.tsx";
import { Notice } from "../components/notice.tsx";
import type { LogFeed } from "./feed/log-feed.ts";

const SKELETON_ROWS = 14;

/** Shown if no log matches. Offers to search all time if that has results. */
const NoResults = ({ hints }: { readonly hints: readonly QueryHint[] }): JSX.Element => {
  const { q, from, to, severity, app } = filter.value;
  const isRange = from !== "" || to !== "";
  const params = toParams({ ...filter.value, from: "", to: "" });
  const { answer } = useFetch<SearchResponse>(isRange ? `/search?limit=1&${params}` : undefined);
  const isFiltered = q !== "" || severity !== "trace" || app !== "";
  const range = from === "now-24h" && to === "" ? "in the last 24 hours" : isRange ? "in this time range" : "yet";
  const total = answer?.total ?? 0;
  if (!isFiltered && total === 0 && (answer !== undefined || !isRange)) return <FirstLog />;
  const parsed = parseQuery(q);
  // The others are shown below the search box.
  const shown = new Set(parsed.ok ? parsed.hints.map(({ kind, offset }) => `${kind} ${offset}`) : []);
  return (
    <Notice title={isFiltered ? `No matching logs${isRange ? ` ${range}` : ""}` : `No logs ${range}`}>
      {total > 0 && (
        <button class="button primary" type="button" onClick={() => navigate({ filter: { from: "", to: "" } })}>
          Search all time: {formatCount(total)}
          {answer?.totalIsLowerBound === true && "+"} {total === 1 ? "log" : "logs"}
        </button>
      )}
      <QueryHints hints={hints.filter(({ kind, offset }) => !shown.has(`${kind} ${offset}`))} />
      {isFiltered && (
        <button
          class="button"
          type="button"
          onClick={() => navigate({ filter: { q: "", severity: "trace", app: "" } })}
        >
          Clear filters
        </button>
      )}
    </Notice>
  );
};

/** Error, loading state or "no results"; `null` if there are only rows to show. */
export const LogsState = ({ feed }: { readonly feed: LogFeed }): JSX.Element | null => {
  const { isLoading, failure, hints } = feed.state.value;
  if (failure !== undefined) {
    return (
      <ErrorBanner failure={failure} onRetry={() => feed.reload()}>
        {feed.rows.length > 0 && " The logs below may be out of date."}{" "}
        {failure.suggestion !== undefined && <SuggestionButton q={failure.suggestion} />}
      </ErrorBanner>
    );
  }
  if (isLoading) {
    return (
      <div class="log-skeleton" role="status">
        <span class="visually-hidden">Loading…</span>
        {Array.from({ length: SKELETON_ROWS }, (_, index) => (
          <i key={index} />
        ))}
      </div>
    );
  }
  return feed.rows.length === 0 ? <NoResults hints={hints} /> : null;
};
