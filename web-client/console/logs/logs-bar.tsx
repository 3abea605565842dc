import type { JSX } from "preact";
import { formatCount } from "../lib/format-number.ts";
import { ColumnsMenu } from "./columns-menu.tsx";
import { ExportMenu } from "../export/export-menu.tsx";
import { areFacetsOpen, toggleFacets } from "./facets/facet-settings.ts";
import { skippedCount } from "./feed/use-tail.ts";
import type { LogFeed } from "./feed/log-feed.ts";
import { TimeFormatMenu } from "./time-format-menu.tsx";

interface LogsBarProps {
  readonly feed: LogFeed | undefined;
  readonly onHelp: () => void;
}

/** Bar between chart and list: number of logs, and menus for how they are shown. */
export const LogsBar = ({ feed, onHelp }: LogsBarProps): JSX.Element => {
  const { total = 0, isTotalLowerBound } = feed?.state.value ?? {};
  return (
    <div class="logs-bar">
      <button class="button quiet" type="button" aria-expanded={areFacetsOpen.value} onClick={toggleFacets}>
        Filters
      </button>
      <p class="logs-count" role="status">
        {feed !== undefined && !feed.state.value.isLoading && (
          <>
            <b>
              {formatCount(total)}
              {isTotalLowerBound && "+"}
            </b>{" "}
            {total === 1 ? "log" : "logs"}
          </>
        )}
      </p>
      {skippedCount.value > 0 && (
        <p
          class="logs-skipped small muted"
          title="Logs arrived faster than this page can show them. They are stored and can be searched."
        >
          {formatCount(skippedCount.value)} not shown live
        </p>
      )}
      <span class="spacer" />
      <ColumnsMenu />
      <TimeFormatMenu />
      <ExportMenu />
      <button
        class="button quiet"
        type="button"
        aria-label="Help"
        title="Help: search and keyboard shortcuts ( ? )"
        onClick={onHelp}
      >
        ?
      </button>
    </div>
  );
};
