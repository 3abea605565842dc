import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { address, filter, toParams } from "../address.ts";
import { FilterBar, isQueryValid } from "../filter/filter-bar.tsx";
import { NARROW_QUERY, PHONE_QUERY, useMedia } from "../lib/use-media.ts";
import { LogDetail } from "./detail/log-detail.tsx";
import { Facets } from "./facets/facets.tsx";
import { areFacetsOpen, toggleFacets } from "./facets/facet-settings.ts";
import { useLogFeed } from "./feed/use-log-feed.ts";
import { useLastResult } from "./feed/use-last-result.ts";
import { useTail } from "./feed/use-tail.ts";
import { HelpDialog } from "./help-dialog.tsx";
import { ExportProgress } from "../export/export-progress.tsx";
import { IncompleteBanner } from "../components/incomplete-banner.tsx";
import { Notice } from "../components/notice.tsx";
import { LogsChart } from "./logs-chart.tsx";
import { LogList } from "./list/log-list.tsx";
import { LiveButton, isLive } from "./live-button.tsx";
import { LogsBar } from "./logs-bar.tsx";
import { LogsState } from "./logs-state.tsx";
import { closeDetail, moveSelection, openRow } from "./selection.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import "./logs.css";

/** The view "logs": filter bar, facets, chart, list and detail panel. */
export const LogsPage = (): JSX.Element => {
  const params = isQueryValid() ? toParams(filter.value).toString() : undefined;
  const feed = useLogFeed(params, isLive.value);
  useTail(feed, isLive.value);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const isPhone = useMedia(PHONE_QUERY);
  const isSheet = useMedia(NARROW_QUERY);
  const { event } = address.value;
  const isCovered = isSheet && event !== "";
  const { shown, isStale } = useLastResult(feed);
  const hasRows = shown !== undefined && shown.state.value.version >= 0 && shown.rows.length > 0;
  const areFacetsShown = areFacetsOpen.value;
  const open = shown?.rows.find(({ key }) => key === event);
  useShortcuts({ feed, onHelp: () => setHelpOpen(true) });

  return (
    <div class="logs-page" data-facets={areFacetsShown} data-detail={event !== ""}>
      <h1 class="visually-hidden">Logs</h1>
      <FilterBar>
        <LiveButton />
      </FilterBar>
      <div class="logs-body">
        {areFacetsShown && <Facets onClose={isPhone ? toggleFacets : undefined} />}
        <div class="logs-main" inert={isCovered}>
          <IncompleteBanner
            answers={[feed?.state.value]}
            note="An export fails until all logs are available."
            onReload={() => feed?.reload()}
          />
          <LogsChart isLive={isLive.value} feed={feed} />
          <LogsBar feed={feed} onHelp={() => setHelpOpen(true)} />
          {feed && !isStale && <LogsState feed={feed} />}
          {feed === undefined && !hasRows && (
            <Notice title="The query is not valid">
              <p class="muted">Correct it above to see the logs.</p>
            </Notice>
          )}
          {shown && hasRows && <LogList feed={shown} isStale={isStale} isDetailOpen={event !== ""} onOpen={openRow} />}
        </div>
        {event !== "" && (
          <LogDetail
            logKey={event}
            row={open}
            onClose={closeDetail}
            onMove={(step) => shown && moveSelection(shown.rows, step)}
          />
        )}
      </div>
      <ExportProgress />
      {isHelpOpen && <HelpDialog onClose={() => setHelpOpen(false)} />}
    </div>
  );
};
