import type { JSX } from "preact";
import type { Facet } from "#contract/api/statistics.ts";
import { toWhole } from "../parts/chart-parts.ts";
import { toDuration } from "../parts/numbers.ts";
import { Panel, PanelWait } from "../parts/panel.tsx";

const ROWS = [
  ["p50", "Half arrive within"],
  ["p95", "95 of 100 within"],
  ["p99", "99 of 100 within"],
  ["max", "The slowest took"],
] as const;

/** From an event's own time to its arrival. */
export const LagPanel = ({ lag }: { readonly lag: Facet | undefined }): JSX.Element => (
  <Panel title="Arrival" aside={lag?.numbers && <span class="panel-hint">{toWhole(lag.numbers.count)} logs</span>}>
    {lag === undefined ? (
      <PanelWait />
    ) : lag.numbers === undefined ? (
      <p class="panel-empty">No log says its own time.</p>
    ) : (
      <dl class="lag">
        {ROWS.map(([name, label]) => (
          <div key={name}>
            <dt>{label}</dt>
            <dd>{toDuration(lag.numbers?.[name] ?? 0)}</dd>
          </div>
        ))}
      </dl>
    )}
    <p class="panel-hint">A device that was offline sends later: its logs count with the time that they waited.</p>
  </Panel>
);
