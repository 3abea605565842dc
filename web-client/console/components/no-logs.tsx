import type { JSX } from "preact";
import { DEFAULT_FILTER, filter } from "../address.ts";
import { Link } from "./link.tsx";
import { Notice } from "./notice.tsx";

/** Empty state: no logs match the filter, or none have arrived yet. */
export const NoLogs = ({ what = "logs" }: { readonly what?: string }): JSX.Element => {
  const { from, to, ...rest } = filter.value;
  const isAllTime = from === "" && to === "";
  const isFiltered = rest.q !== "" || rest.app !== "" || rest.severity !== DEFAULT_FILTER.severity;
  return (
    <Notice title={`No ${what} found`}>
      <p class="muted">
        {isFiltered || !isAllTime
          ? `No ${what} match this filter in this time range.`
          : "No logs received yet. Open the demo to send some, or see the README to connect your app."}
      </p>
      <p class="notice-actions">
        {!isAllTime && <Link to={{ filter: { from: "", to: "" } }}>Search all time</Link>}
        {isFiltered && (
          <Link to={{ filter: { q: "", app: "", severity: DEFAULT_FILTER.severity } }}>Clear filters</Link>
        )}
        {!isFiltered && isAllTime && <a href="/demo/">Open the demo</a>}
      </p>
    </Notice>
  );
};
