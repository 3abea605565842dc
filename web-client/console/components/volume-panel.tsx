import type { JSX } from "preact";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { navigate } from "../address.ts";
import { Panel } from "./panel.tsx";
import { SeverityChart } from "./severity-chart.tsx";

/** Logs over time by severity. Dragging selects a time range. */
export const VolumePanel = ({ histogram }: { readonly histogram: HistogramResponse | undefined }): JSX.Element => (
  <Panel title="Volume by severity" size="whole" aside={<span class="panel-hint">Drag to select a time range</span>}>
    <SeverityChart
      histogram={histogram}
      label="Logs over time by severity"
      height={180}
      onRange={(fromMs, toMs) => navigate({ filter: { from: String(fromMs), to: String(toMs) } })}
    />
  </Panel>
);
