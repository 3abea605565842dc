import type { JSX } from "preact";
import { DEFAULT_FILTER, filter } from "../address.ts";
import { useReadableDemo } from "../lib/use-readable-demo.ts";
import { Link } from "./link.tsx";
import { Notice } from "./notice.tsx";

/** Empty state: no logs match the filter, or none have arrived yet. */
export const NoLogs = ({ what = "logs" }: { readonly what?: string }): JSX.Element => {
  const demo = useReadableDemo();
  const { from, to, ...rest } = filter.value;
  const isAllTime = from === "" && to === "";
  const isFiltered = rest.q !== "" || rest.app !== "" || rest.severity !== DEFAULT_FILTER.severity;
  return (
    <Notice title={`No ${what} found`}>
      <p class="muted">
        {isFiltered || !isAllTime ? `No ${what} match this filter in this time range.` : `No ${what} received yet.`}
      </p>
      <p class="notice-actions">
        {!isAllTime && <Link to={{ filter: { from: "", to: "" } }}>Search all time</Link>}
        {isFiltered && (
          <Link to={{ filter: { q: "", app: "", severity: DEFAULT_FILTER.severity } }}>Clear filters</Link>
        )}
        {!isFiltered && isAllTime && what === "logs" && <Link to={{ view: "logs" }}>How to send logs</Link>}
        {!isFiltered && isAllTime && demo !== undefined && <a href="/demo/">Open the demo</a>}
      </p>
    </Notice>
  );
};
