import type { JSX } from "preact";
import type { Facet, GroupsAnswer, HistogramAnswer, OverviewAnswer } from "../../../contract/statistics.ts";
import { useAnswer } from "../api/use-answer.ts";
import { FilterBar } from "../filter/filter-bar.tsx";
import { Banner } from "../parts/banner.tsx";
import { errorsOf } from "../parts/errors-of.ts";
import { EventLines } from "../parts/event-lines.tsx";
import { FacetPanel } from "../parts/facet-panel.tsx";
import { toFilteredPath } from "../parts/filtered-path.ts";
import { GroupTable } from "../parts/group-table.tsx";
import { Link } from "../parts/link.tsx";
import { NoLogs } from "../parts/no-logs.tsx";
import { Panel, PanelWait } from "../parts/panel.tsx";
import { Tiles } from "../parts/tiles.tsx";
import { VolumePanel } from "../parts/volume-panel.tsx";
import { DropsPanel } from "./drops-panel.tsx";
import { PlacesPanel } from "./places-panel.tsx";
import { RejectedPanel } from "./rejected-panel.tsx";

const REFRESH_MS = 30_000;
const TOP_GROUPS = 8;

/** Facets of the overview that are shown, in this order. */
const FACETS = [
  ["app", "Apps", "App"],
  ["version", "Versions", "Version"],
  ["env", "Environments", "Environment"],
  ["device", "Devices", "Device"],
  ["os", "Operating systems", "OS"],
  ["method", "Request methods", "Method"],
  ["path", "Request paths", "Path"],
  ["status", "Response status", "Status"],
  ["service", "Services", "Service"],
  ["transport", "Transports", "Transport"],
] as const;

/** What one wants to know first: how much there is, how much of it is errors, where they come from. */
export const OverviewPage = (): JSX.Element => {
  const refresh = { everyMs: REFRESH_MS };
  const overview = useAnswer<OverviewAnswer>(toFilteredPath("/overview"), refresh);
  const histogram = useAnswer<HistogramAnswer>(toFilteredPath("/histogram"), refresh);
  const groups = useAnswer<GroupsAnswer>(toFilteredPath("/groups", { limit: String(TOP_GROUPS) }), refresh);
  const { answer } = overview;
  const findFacet = (name: string): Facet | undefined => answer?.facets.find(({ field }) => field === name);
  const reload = (): void => [overview, histogram, groups].forEach((answered) => answered.reload());

  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <FilterBar />
      <Banner failure={overview.failure ?? histogram.failure ?? groups.failure} onRetry={reload} />
      {answer?.total === 0 && answer.rejected.total === 0 && !overview.isStale ? (
        <NoLogs />
      ) : (
        <div class="dashboard" aria-busy={overview.isLoading} data-stale={overview.isStale}>
          <Tiles overview={answer} />
          <VolumePanel histogram={histogram.answer} />
          <Panel title="Top errors" size="whole" aside={<Link to={{ view: "errors" }}>All errors</Link>}>
            {groups.answer === undefined ? (
              <PanelWait />
            ) : groups.answer.groups.length === 0 ? (
              <p class="panel-empty">No errors.</p>
            ) : (
              <GroupTable groups={groups.answer.groups} toGroup={({ key }) => ({ view: "errors", group: key })} />
            )}
          </Panel>
          {FACETS.slice(0, 3).map(([field, title, head]) => (
            <FacetPanel
              key={field}
              title={title}
              head={head}
              facet={findFacet(field)}
              {...(field === "app" && { toValue: (app: string) => ({ view: "app" as const, filter: { app } }) })}
            />
          ))}
          <Panel
            title="Newest errors"
            size="half"
            aside={<Link to={{ view: "logs", filter: errorsOf() }}>All logs of errors</Link>}
          >
            {answer === undefined ? (
              <PanelWait lines={8} />
            ) : answer.newestErrors.length === 0 ? (
              <p class="panel-empty">No errors.</p>
            ) : (
              <EventLines hits={answer.newestErrors} label="Newest errors" />
            )}
          </Panel>
          <PlacesPanel places={answer?.places} />
          {FACETS.slice(3).map(([field, title, head]) => (
            <FacetPanel key={field} title={title} head={head} facet={findFacet(field)} />
          ))}
          <RejectedPanel rejected={answer?.rejected} />
          <DropsPanel />
        </div>
      )}
    </>
  );
};
