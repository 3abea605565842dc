import type { JSX } from "preact";
import { FACETS } from "#contract/api/facets.ts";
import { FilterBar } from "../filter/filter-bar.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { IncompleteBanner } from "../components/incomplete-banner.tsx";
import { LatestErrorsPanel, TopErrorsPanel } from "../components/error-panels.tsx";
import { FacetPanel } from "../components/facet-panel.tsx";
import { NoLogs } from "../components/no-logs.tsx";
import { OverviewTiles } from "../components/overview-tiles.tsx";
import { useOverview } from "../lib/use-overview.ts";
import { VolumePanel } from "../components/volume-panel.tsx";
import { DropsPanel } from "./drops-panel.tsx";
import { LocationsPanel } from "./locations-panel.tsx";
import { RejectedPanel } from "./rejected-panel.tsx";

/** Facets with their own tile or panel. The others follow in the order of the table. */
const SHOWN_ABOVE = new Set(["level", "app", "version", "env"]);
const OTHER_FACETS = FACETS.filter(({ name, isInOverview }) => isInOverview && !SHOWN_ABOVE.has(name));

/** Overview of all apps: volume, errors and their breakdown. */
export const OverviewPage = (): JSX.Element => {
  const { overview, histogram, groups, failure, isLoading, isStale, isEmpty, answers, findFacet, reload } =
    useOverview();
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <FilterBar />
      <ErrorBanner failure={failure} onRetry={reload} />
      <IncompleteBanner answers={answers} onReload={reload} />
      {isEmpty ? (
        <NoLogs />
      ) : (
        <div class="dashboard" aria-busy={isLoading} data-stale={isStale}>
          <OverviewTiles overview={overview} />
          <VolumePanel histogram={histogram} />
          <TopErrorsPanel groups={groups} />
          <FacetPanel name="app" facet={findFacet("app")} toValue={(app) => ({ view: "app", filter: { app } })} />
          <FacetPanel name="version" facet={findFacet("version")} />
          <FacetPanel name="env" facet={findFacet("env")} />
          <LatestErrorsPanel hits={overview?.newestErrors} />
          <LocationsPanel places={overview?.places} />
          {OTHER_FACETS.map(({ name }) => (
            <FacetPanel key={name} name={name} facet={findFacet(name)} />
          ))}
          <RejectedPanel rejected={overview?.rejected} />
          <DropsPanel />
        </div>
      )}
    </>
  );
};
