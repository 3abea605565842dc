import type { JSX } from "preact";
import type { OverviewResponse } from "#contract/api/statistics.ts";
import { Link } from "../components/link.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { ValueTable } from "../components/value-table.tsx";

/** Rejected payloads by reason. */
export const RejectedPanel = ({
  rejected,
}: {
  readonly rejected: OverviewResponse["rejected"] | undefined;
}): JSX.Element => (
  <Panel title="Rejected" aside={<Link to={{ view: "rejected" }}>All rejected</Link>}>
    {rejected === undefined ? (
      <PanelSkeleton />
    ) : rejected.total === 0 ? (
      <p class="panel-empty">No rejected payloads.</p>
    ) : (
      <ValueTable
        head="Reason"
        countHead="Payloads"
        rows={rejected.byReason.map(({ reason, count }) => {
          const to = { view: "rejected", reason } as const;
          return { key: reason, label: <Link to={to}>{reason}</Link>, count, to };
        })}
      />
    )}
  </Panel>
);
