import type { JSX } from "preact";
import type { Facet } from "#contract/api/statistics.ts";
import { formatCount, formatDuration } from "../lib/format-number.ts";
import { Panel, PanelSkeleton } from "../components/panel.tsx";

const ROWS = [
  ["p50", "Median"],
  ["p95", "95th percentile"],
  ["p99", "99th percentile"],
  ["max", "Maximum"],
] as const;

/** Time from an event's own timestamp to its arrival. */
export const LagPanel = ({ lag }: { readonly lag: Facet | undefined }): JSX.Element => (
  <Panel
    title="Ingest lag"
    aside={lag?.numbers && <span class="panel-hint">{formatCount(lag.numbers.count)} logs</span>}
  >
    {lag === undefined ? (
      <PanelSkeleton />
    ) : lag.numbers === undefined ? (
      <p class="panel-empty">No logs with a client timestamp.</p>
    ) : (
      <dl class="lag">
        {ROWS.map(([name, label]) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{formatDuration(lag.numbers?.[name] ?? 0)}</dd>
          </div>
        ))}
      </dl>
    )}
    <p class="panel-hint">Includes the time that logs waited on offline devices.</p>
  </Panel>
);
