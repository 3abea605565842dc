import type { JSX } from "preact";
import type { FacetsResponse } from "#contract/api/statistics.ts";
import { filter } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { FilterBar } from "../filter/filter-bar.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { IncompleteBanner } from "../components/incomplete-banner.tsx";
import { LatestErrorsPanel, TopErrorsPanel } from "../components/error-panels.tsx";
import { FacetPanel } from "../components/facet-panel.tsx";
import { toFilteredPath } from "../lib/filtered-path.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { NoLogs } from "../components/no-logs.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { OverviewTiles } from "../components/overview-tiles.tsx";
import { useOverview } from "../lib/use-overview.ts";
import { VolumePanel } from "../components/volume-panel.tsx";
import { AppsBySizePanel } from "./apps-by-size-panel.tsx";
import { LagPanel } from "./lag-panel.tsx";
import { OverQuotaPanel } from "./over-quota-panel.tsx";
import { UsagePanel } from "./usage-panel.tsx";
import { useUsage } from "./use-usage.ts";

const REFRESH_MS = 30_000;

/** Lists the apps to choose from. */
const AppList = (): JSX.Element => {
  const { answer, failure, reload } = useFetch<FacetsResponse>(
    toFilteredPath("/facets", { field: "app", size: "100" }),
  );
  const usage = useUsage();
  return (
    <>
      <ErrorBanner failure={failure} onRetry={reload} />
      <IncompleteBanner answers={[answer]} onReload={reload} />
      <div class="dashboard">
        <FacetPanel
          name="app"
          title="Select an app"
          facet={answer?.facets[0]}
          max={100}
          toValue={(app) => ({ view: "app", filter: { app } })}
        />
        <AppsBySizePanel usage={usage} />
      </div>
    </>
  );
};

/** Usage and quota of the app, which do not depend on the filter. */
const UsagePanels = ({ app }: { readonly app: string }): JSX.Element => {
  const usage = useUsage();
  return (
    <>
      <UsagePanel app={app} usage={usage} />
      <OverQuotaPanel app={app} />
      <AppsBySizePanel usage={usage} />
    </>
  );
};

const AppDashboard = ({ app }: { readonly app: string }): JSX.Element => {
  const { overview, histogram, groups, failure, isLoading, isStale, isEmpty, answers, findFacet, reload } =
    useOverview();
  const more = useFetch<FacetsResponse>(toFilteredPath("/facets", { field: "lag,session,user" }), {
    refreshMs: REFRESH_MS,
  });
  const [lag, session, user] = more.answer?.facets ?? [];
  const reloadAll = (): void => {
    reload();
    more.reload();
  };
  const incomplete = <IncompleteBanner answers={[...answers, more.answer]} onReload={reloadAll} />;
  if (isEmpty) {
    return (
      <>
        {incomplete}
        <NoLogs />
        <div class="dashboard">
          <UsagePanels app={app} />
        </div>
      </>
    );
  }
  return (
    <>
      <ErrorBanner failure={failure ?? more.failure} onRetry={reloadAll} />
      {incomplete}
      <div class="dashboard" aria-busy={isLoading} data-stale={isStale}>
        <OverviewTiles overview={overview} />
        <VolumePanel histogram={histogram} />
        <UsagePanels app={app} />
        <FacetPanel name="version" facet={findFacet("version")} />
        <FacetPanel name="env" facet={findFacet("env")} />
        <LagPanel lag={lag} />
        <TopErrorsPanel groups={groups} />
        <FacetPanel name="device" facet={findFacet("device")} />
        <FacetPanel name="os" facet={findFacet("os")} />
        <FacetPanel name="transport" facet={findFacet("transport")} />
        <LatestErrorsPanel hits={overview?.newestErrors} />
        <FacetPanel
          name="session"
          title="Top sessions"
          head="Session"
          facet={session}
          size="half"
          toValue={(value) => ({ view: "session", session: value })}
        />
        <FacetPanel name="user" title="Top users" head="User" facet={user} />
        <FacetPanel name="path" facet={findFacet("path")} />
        <FacetPanel name="status" facet={findFacet("status")} />
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
      {app === "" ? <AppList /> : <AppDashboard key={app} app={app} />}
    </>
  );
};
