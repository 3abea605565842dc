import type { JSX } from "preact";
import type { FacetsResponse } from "#contract/api/statistics.ts";
import { filter } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { FilterBar } from "../filter/filter-bar.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { LatestErrorsPanel, TopErrorsPanel } from "../components/error-panels.tsx";
import { FacetPanel } from "../components/facet-panel.tsx";
import { toFilteredPath } from "../lib/filtered-path.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { NoLogs } from "../components/no-logs.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { OverviewTiles } from "../components/overview-tiles.tsx";
import { useOverview } from "../lib/use-overview.ts";
import { VolumePanel } from "../components/volume-panel.tsx";
import { LagPanel } from "./lag-panel.tsx";

const REFRESH_MS = 30_000;

/** Lists the apps to choose from. */
const AppList = (): JSX.Element => {
  const { answer, failure, reload } = useFetch<FacetsResponse>(
    toFilteredPath("/facets", { field: "app", size: "100" }),
  );
  return (
    <>
      <ErrorBanner failure={failure} onRetry={reload} />
      <div class="dashboard">
        <FacetPanel
          title="Select an app"
          head="App"
          facet={answer?.facets[0]}
          max={100}
          toValue={(app) => ({ view: "app", filter: { app } })}
        />
      </div>
    </>
  );
};

const AppDashboard = (): JSX.Element => {
  const { overview, histogram, groups, failure, isLoading, isStale, isEmpty, findFacet, reload } = useOverview();
  const more = useFetch<FacetsResponse>(toFilteredPath("/facets", { field: "lag,session,user" }), {
    refreshMs: REFRESH_MS,
  });
  const [lag, session, user] = more.answer?.facets ?? [];
  if (isEmpty) return <NoLogs />;
  return (
    <>
      <ErrorBanner
        failure={failure ?? more.failure}
        onRetry={() => {
          reload();
          more.reload();
        }}
      />
      <div class="dashboard" aria-busy={isLoading} data-stale={isStale}>
        <OverviewTiles overview={overview} />
        <VolumePanel histogram={histogram} />
        <FacetPanel title="Versions" head="Version" facet={findFacet("version")} />
        <FacetPanel title="Environments" head="Environment" facet={findFacet("env")} />
        <LagPanel lag={lag} />
        <TopErrorsPanel groups={groups} />
        <FacetPanel title="Devices" head="Device" facet={findFacet("device")} />
        <FacetPanel title="Operating systems" head="OS" facet={findFacet("os")} />
        <FacetPanel title="Transports" head="Transport" facet={findFacet("transport")} />
        <LatestErrorsPanel hits={overview?.newestErrors} />
        <FacetPanel
          title="Top sessions"
          head="Session"
          facet={session}
          size="half"
          toValue={(value) => ({ view: "session", session: value })}
        />
        <FacetPanel title="Top users" head="User" facet={user} />
        <FacetPanel title="Request paths" head="Path" facet={findFacet("path")} />
        <FacetPanel title="Response status" head="Status" facet={findFacet("status")} />
      </div>
    </>
  );
};

/** Dashboard of one app: volume, errors and ingest lag. */
export const AppPage = (): JSX.Element => {
  const { app } = filter.value;
  return (
    <>
      <FilterBar />
      <PageHeader above="App">{app === "" ? "No app selected" : <UntrustedText text={app} max={64} />}</PageHeader>
      {app === "" ? <AppList /> : <AppDashboard key={app} />}
    </>
  );
};
