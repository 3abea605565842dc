import type { JSX } from "preact";
import type { HistogramAnswer } from "../../../contract/statistics.ts";
import { filter, go, toParams } from "../address.ts";
import { useAnswer } from "../api/use-answer.ts";
import { canAsk } from "../filter/filter-bar.tsx";
import { SeverityChart } from "../parts/severity-chart.tsx";

/** It counts every log of the range: too much to ask each second. */
const REFRESH_MS = 10_000;

/** How many logs there are over time; a drag narrows the range. */
export const LogsChart = ({ isLive }: { readonly isLive: boolean }): JSX.Element => {
  const path = canAsk() ? `/histogram?${toParams(filter.value)}` : undefined;
  const { answer } = useAnswer<HistogramAnswer>(path, { everyMs: isLive ? REFRESH_MS : undefined });
  return (
    <SeverityChart
      histogram={answer}
      label="Logs by severity over time"
      onRange={(fromMs, toMs) => go({ filter: { from: String(fromMs), to: String(toMs) } })}
    />
  );
};
