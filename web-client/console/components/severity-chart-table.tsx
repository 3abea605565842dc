import type { JSX } from "preact";
import { SEVERITIES } from "#contract/wire/severity.ts";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { formatDayClock } from "../lib/format-time.ts";

interface SeverityChartTableProps {
  readonly histogram: HistogramResponse;
  readonly label: string;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const summarize = ({ times, counts, intervalMs, total }: HistogramResponse): string => {
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || total === 0) return "No logs.";
  const errors = sum(counts.error) + sum(counts.fatal);
  const range = `${formatDayClock(first)} to ${formatDayClock(last + intervalMs)}`;
  return `${pluralize(total, "log")} from ${range}, ${pluralize(errors, "error")} among them.`;
};

/** The chart's data as a table for screen readers. Empty buckets are omitted. */
export const SeverityChartTable = ({ histogram, label }: SeverityChartTableProps): JSX.Element => {
  const { times, counts } = histogram;
  return (
    <div class="visually-hidden">
      <p>{summarize(histogram)}</p>
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {SEVERITIES.map((severity) => (
              <th key={severity} scope="col">
                {severity}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((start, index) =>
            SEVERITIES.some((severity) => counts[severity][index] !== 0) ? (
              <tr key={start}>
                <th scope="row">{formatDayClock(start)}</th>
                {SEVERITIES.map((severity) => (
                  <td key={severity}>{counts[severity][index]}</td>
                ))}
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
    </div>
  );
};
