import type { JSX } from "preact";
import type { Facet } from "#contract/api/statistics.ts";
import { formatCount, formatDuration } from "../lib/format-number.ts";
import { Panel, PanelSkeleton } from "../components/panel.tsx";

const ROWS = [
  ["p50", "Half arrive within"],
  ["p95", "95 of 100 within"],
  ["p99", "99 of 100 within"],
  ["max", "The slowest took"],
] as const;

/** From an event's own time to its arrival. */
export const LagPanel = ({ lag }: { readonly lag: Facet | undefined }): JSX.Element => (
  <Panel title="Arrival" aside={lag?.numbers && <span class="panel-hint">{formatCount(lag.numbers.count)} logs</span>}>
    {lag === undefined ? (
      <PanelSkeleton />
    ) : lag.numbers === undefined ? (
      <p class="panel-empty">No log says its own time.</p>
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
    <p class="panel-hint">A device that was offline sends later: its logs count with the time that they waited.</p>
  </Panel>
);
