import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { filter, navigate, toParams } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { isQueryValid } from "../filter/filter-bar.tsx";
import { toHistogramPath } from "../lib/histogram-path.ts";
import { SeverityChart } from "../components/severity-chart.tsx";
import type { LogFeed } from "./feed/log-feed.ts";

/** Longer than for the list: each refresh counts all logs of the time range. */
const REFRESH_MS = 10_000;

interface LogsChartProps {
  readonly isLive: boolean;
  /** Receives the exact number of matching logs with each response. */
  readonly feed: LogFeed | undefined;
}

/** Number of logs over time. Dragging across the chart narrows the time range. */
export const LogsChart = ({ isLive, feed }: LogsChartProps): JSX.Element => {
  const path = isQueryValid() ? toHistogramPath(toParams(filter.value)) : undefined;
  const { answer, isStale, failure, reload } = useFetch<HistogramResponse>(path, {
    refreshMs: isLive ? REFRESH_MS : undefined,
  });
  useEffect(() => {
    if (!isStale && answer !== undefined) feed?.setTotal(answer.total);
  }, [answer, isStale, feed]);
  return (
    <div class="logs-chart" data-stale={isStale}>
      <SeverityChart
        histogram={answer}
        failure={failure}
        onRetry={reload}
        label="Logs by severity over time"
        height={116}
        onRange={(fromMs, toMs) => navigate({ filter: { from: String(fromMs), to: String(toMs) } })}
      />
    </div>
  );
};
