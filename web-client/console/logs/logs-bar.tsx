import type { JSX } from "preact";
import { formatCount } from "../lib/format-number.ts";
import { ColumnsMenu } from "./columns-menu.tsx";
import { ExportMenu } from "../export/export-menu.tsx";
import { areFacetsOpen, toggleFacets } from "./facets/facet-settings.ts";
import { missedCounts } from "./feed/use-tail.ts";
import type { LogFeed } from "./feed/log-feed.ts";
import { isLive } from "./live-button.tsx";
import { TimeFormatMenu } from "./time-format-menu.tsx";

interface LogsBarProps {
  readonly feed: LogFeed | undefined;
  readonly onHelp: () => void;
}

/** Logs that the live tail did not show. */
const MissedCount = (): JSX.Element | null => {
  const { skipped, undecoded } = missedCounts.value;
  const reasons = [
    ...(skipped > 0 ? [`${formatCount(skipped)} arrived faster than this page can show.`] : []),
    ...(undecoded > 0 ? [`${formatCount(undecoded)} have a format that only the server reads, or are invalid.`] : []),
  ];
  return reasons.length === 0 ? null : (
    <p class="logs-skipped small muted" title={`${reasons.join(" ")} Searches find all logs that are stored.`}>
      {formatCount(skipped + undecoded)} not shown live
    </p>
  );
};

/** Bar between chart and list: number of logs, and menus for how they are shown. */
export const LogsBar = ({ feed, onHelp }: LogsBarProps): JSX.Element => {
  const { total = 0, isTotalLowerBound, isLoading = true, version = 0 } = feed?.state.value ?? {};
  return (
    <div class="logs-bar">
      <button class="button quiet" type="button" aria-expanded={areFacetsOpen.value} onClick={toggleFacets}>
        Filters
      </button>
      {/* Screen readers read the first count of a filter, and not each change while logs arrive. */}
      <p class="logs-count" role="status" aria-live={isLive.value && version > 1 ? "off" : "polite"}>
        {!isLoading && version > 0 && (
          <>
            <b>
              {formatCount(total)}
              {isTotalLowerBound && "+"}
            </b>{" "}
            {total === 1 ? "log" : "logs"}
          </>
        )}
      </p>
      <MissedCount />
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
