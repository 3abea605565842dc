import type { JSX } from "preact";
import type { Group, OverviewResponse } from "#contract/api/statistics.ts";
import { errorsOnly } from "../lib/errors-only.ts";
import { EventList } from "./event-list.tsx";
import { GroupTable } from "./group-table.tsx";
import { Link } from "./link.tsx";
import { Panel, PanelSkeleton } from "./panel.tsx";

const NO_ERRORS = <p class="panel-empty">No errors.</p>;

/** The most frequent errors; each links to its group on the errors page. */
export const TopErrorsPanel = ({ groups }: { readonly groups: readonly Group[] | undefined }): JSX.Element => (
  <Panel title="Top errors" size="whole" aside={<Link to={{ view: "errors" }}>All errors</Link>}>
    {groups === undefined ? (
      <PanelSkeleton />
    ) : groups.length === 0 ? (
      NO_ERRORS
    ) : (
      <GroupTable groups={groups} toGroup={({ key }) => ({ view: "errors", group: key })} />
    )}
  </Panel>
);

interface LatestErrorsPanelProps {
  readonly hits: OverviewResponse["newestErrors"] | undefined;
}

/** The latest errors; each links to its log on the logs page. */
export const LatestErrorsPanel = ({ hits }: LatestErrorsPanelProps): JSX.Element => (
  <Panel
    title="Latest errors"
    size="half"
    aside={<Link to={{ view: "logs", filter: errorsOnly() }}>All error logs</Link>}
  >
    {hits === undefined ? (
      <PanelSkeleton lines={8} />
    ) : hits.length === 0 ? (
      NO_ERRORS
    ) : (
      <EventList hits={hits} label="Latest errors" />
    )}
  </Panel>
);
