import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { FetchState } from "../api/use-fetch.ts";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { COUNT_STEPS, toAxis, toTimeLabels, useColours } from "../lib/chart.ts";
import { formatCompactCount } from "../lib/format-number.ts";
import { SeverityChartTable } from "./severity-chart-table.tsx";
import { SeverityChartTip } from "./severity-chart-tip.tsx";
import { timeZone } from "../lib/format-time.ts";
import "./severity-chart.css";

interface SeverityChartProps {
  /** `undefined` while loading; the chart keeps its height. */
  readonly histogram: HistogramResponse | undefined;
  /** Shown over the chart, with a button that calls `onRetry`. Default: none, for a page that shows it elsewhere. */
  readonly failure?: FetchState<unknown>["failure"];
  readonly onRetry?: () => void;
  /** Accessible name. */
  readonly label: string;
  /** CSS pixels. */
  readonly height?: number;
  /** Called after a drag with whole buckets, in milliseconds since 1970; `toMs` is exclusive. */
  readonly onRange?: (fromMs: number, toMs: number) => void;
}

const bars = uPlot.paths.bars?.({ size: [0.86, 36], align: 0 });

const COLOURS = [...SEVERITIES.map((severity) => `bar-${severity}`), "muted", "line"];

/** Stacks the series with the highest severity at the bottom, where heights are comparable. Each series is drawn over the sum. */
const toData = ({ times, counts, intervalMs }: HistogramResponse): uPlot.AlignedData => {
  const sums: number[][] = [];
  let above = times.map(() => 0);
  for (const severity of SEVERITIES.toReversed()) {
    above = above.map((sum, index) => sum + (counts[severity][index] ?? 0));
    sums.unshift(above);
  }
  return [times.map((start, i) => (start + (times[i + 1] ?? start + intervalMs)) / 2), ...sums];
};

/** Counts by severity over time as stacked bars. Dragging selects a range. */
export const SeverityChart = (props: SeverityChartProps): JSX.Element => {
  const { histogram, failure, onRetry, label, height = 120, onRange } = props;
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ histogram, onRange });
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const colours = useColours(COLOURS);
  const zoneName = timeZone.value;
  const isDraggable = onRange !== undefined;
  const isEmpty = histogram === undefined;
  latest.current = { histogram, onRange };

  useEffect(() => {
    const element = container.current;
    const first = latest.current.histogram;
    if (element === null || first === undefined) return undefined;

    const onSelect = (chart: uPlot): void => {
      const { histogram, onRange } = latest.current;
      const { left, width } = chart.select;
      if (histogram === undefined || width < 2) return;
      chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      const { times, intervalMs } = histogram;
      const [startMs, endMs] = [left, left + width].map((pixel) => chart.posToVal(pixel, "x"));
      const fromMs = times.findLast((ms) => ms <= (startMs ?? 0)) ?? times[0] ?? 0;
      // Days and months differ in length, so the end is the start of the next bucket.
      const toMs = times.find((ms) => ms >= (endMs ?? 0)) ?? (times.at(-1) ?? 0) + intervalMs;
      onRange?.(fromMs, toMs);
    };
    const chart = new uPlot(
      {
        width: element.clientWidth,
        height,
        ms: 1,
        // Ticks are at round times of the zone that the labels have.
        tzDate: (ms) => (zoneName === "utc" ? uPlot.tzDate(new Date(ms), "Etc/UTC") : new Date(ms)),
        // On the right, half of the label of a second fits.
        padding: [8, 26, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: isDraggable, y: false, setScale: false, dist: 4 },
        },
        scales: {
          x: {
            range: () => {
              const { times = [], intervalMs = 1 } = latest.current.histogram ?? {};
              return [times[0] ?? 0, (times.at(-1) ?? 0) + intervalMs];
            },
          },
          y: { range: (_, __, max) => [0, Math.max(max, 1) * 1.05] },
        },
        axes: [
          toAxis(colours, {
            size: 40,
            space: 70,
            grid: { show: false },
            values: (_, splits, __, ___, step) => toTimeLabels(splits, step),
          }),
          toAxis(colours, {
            size: 44,
            space: 28,
            incrs: COUNT_STEPS,
            values: (_, splits) => splits.map(formatCompactCount),
          }),
        ],
        series: [
          {},
          ...SEVERITIES.map((severity) => ({
            fill: colours[`bar-${severity}`] ?? "",
            width: 0,
            points: { show: false },
            ...(bars && { paths: bars }),
          })),
        ],
        hooks: {
          setSelect: [onSelect],
          setCursor: [(chart) => setPointed(chart.cursor.idx ?? undefined)],
        },
      },
      toData(first),
      element,
    );
    plot.current = chart;
    const sizes = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [colours, zoneName, height, isDraggable, isEmpty]);

  useEffect(() => {
    if (histogram !== undefined) plot.current?.setData(toData(histogram));
  }, [histogram]);

  return (
    <figure class="severity-chart" aria-label={label} style={{ minHeight: `${height}px` }}>
      <div ref={container} aria-hidden="true" data-draggable={isDraggable} />
      {histogram === undefined ? (
        <span class="severity-chart-loading" aria-hidden="true" />
      ) : (
        <>
          <SeverityChartTable histogram={histogram} label={label} />
          {pointed !== undefined && <SeverityChartTip histogram={histogram} index={pointed} />}
        </>
      )}
      {failure !== undefined && (
        <p class="severity-chart-failure small" role="status">
          The chart could not be updated. {failure.message}{" "}
          <button class="button small" type="button" onClick={onRetry}>
            Try again
          </button>
        </p>
      )}
    </figure>
  );
};
