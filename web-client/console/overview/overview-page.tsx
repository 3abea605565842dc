import type { JSX } from "preact";
import { FilterBar } from "../filter/filter-bar.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { NewestErrorsPanel, TopErrorsPanel } from "../components/error-panels.tsx";
import { FacetPanel } from "../components/facet-panel.tsx";
import { NoLogs } from "../components/no-logs.tsx";
import { OverviewTiles } from "../components/overview-tiles.tsx";
import { useOverview } from "../lib/use-overview.ts";
import { VolumePanel } from "../components/volume-panel.tsx";
import { DropsPanel } from "./drops-panel.tsx";
import { PlacesPanel } from "./places-panel.tsx";
import { RejectedPanel } from "./rejected-panel.tsx";

const FACETS = [
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
  const { overview, histogram, groups, failure, isLoading, isStale, isEmpty, findFacet, reload } = useOverview();
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <FilterBar />
      <ErrorBanner failure={failure} onRetry={reload} />
      {isEmpty ? (
        <NoLogs />
      ) : (
        <div class="dashboard" aria-busy={isLoading} data-stale={isStale}>
          <OverviewTiles overview={overview} />
          <VolumePanel histogram={histogram} />
          <TopErrorsPanel groups={groups} />
          <FacetPanel
            title="Apps"
            head="App"
            facet={findFacet("app")}
            toValue={(app) => ({ view: "app", filter: { app } })}
          />
          <FacetPanel title="Versions" head="Version" facet={findFacet("version")} />
          <FacetPanel title="Environments" head="Environment" facet={findFacet("env")} />
          <NewestErrorsPanel hits={overview?.newestErrors} />
          <PlacesPanel places={overview?.places} />
          {FACETS.map(([field, title, head]) => (
            <FacetPanel key={field} title={title} head={head} facet={findFacet(field)} />
          ))}
          <RejectedPanel rejected={overview?.rejected} />
          <DropsPanel />
        </div>
      )}
    </>
  );
};
