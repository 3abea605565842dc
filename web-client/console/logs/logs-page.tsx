import type { JSX } from "preact";
import type { SearchAnswer } from "../../../contract/search.ts";
import { filter, toParams } from "../address.ts";
import { useAnswer } from "../api/use-answer.ts";
import { FilterBar, canAsk } from "../filter/filter-bar.tsx";
import { Foreign } from "../parts/foreign.tsx";
import { Notice } from "../parts/notice.tsx";
import { SeverityBadge } from "../parts/severity-badge.tsx";
import { LogsChart } from "./logs-chart.tsx";

const LIVE_INTERVAL_MS = 1_000;

/** The page of logs. */
export const LogsPage = (): JSX.Element => {
  const path = canAsk() ? `/search?${toParams(filter.value)}` : undefined;
  const { answer, failure } = useAnswer<SearchAnswer>(path, { everyMs: LIVE_INTERVAL_MS });
  return (
    <>
      <h1 class="visually-hidden">Logs</h1>
      <FilterBar />
      <LogsChart isLive />
      {failure !== undefined && (
        <p class="banner" role="alert">
          {failure.message}
        </p>
      )}
      {answer?.hits.length === 0 && <Notice title="Nothing matches" />}
      <ol class="logs" aria-label="Logs, the newest first">
        {answer?.hits.map(({ id, document }) => (
          <li key={id} class="log">
            <SeverityBadge severity={document.severity?.text} /> <Foreign text={document.body} max={600} />
          </li>
        ))}
      </ol>
    </>
  );
};
