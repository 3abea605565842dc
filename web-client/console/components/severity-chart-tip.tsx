import type { JSX } from "preact";
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { DAY_MS } from "#contract/wire/durations.ts";
import { formatCount } from "../lib/format-number.ts";
import { formatDay, timeFormats } from "../lib/format-time.ts";

interface SeverityChartTipProps {
  readonly histogram: HistogramResponse;
  /** Index of the bucket under the pointer. */
  readonly index: number;
}

/** Tooltip with the start, end and counts of one bucket, on the side away from the pointer. */
export const SeverityChartTip = ({ histogram, index }: SeverityChartTipProps): JSX.Element | null => {
  const { times, counts, intervalMs } = histogram;
  const start = times[index];
  if (start === undefined) return null;
  const end = times[index + 1] ?? start + intervalMs;
  const { clock } = timeFormats.value;
  const present = SEVERITIES.toReversed().filter((severity) => (counts[severity][index] ?? 0) > 0);
  return (
    <div class="severity-chart-tip" data-side={index < times.length / 2 ? "right" : "left"} aria-hidden="true">
      <span class="severity-chart-tip-time">
        {formatDay(start)} {clock.format(start)} – {end - start >= DAY_MS && `${formatDay(end)} `}
        {clock.format(end)}
      </span>
      {present.length === 0 && <span>No logs</span>}
      {present.map((severity) => (
        <span key={severity}>
          <i data-severity={severity} />
          {severity}
          <b>{formatCount(counts[severity][index] ?? 0)}</b>
        </span>
      ))}
    </div>
  );
};
