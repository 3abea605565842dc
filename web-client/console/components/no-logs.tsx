import type { JSX } from "preact";
import { DEFAULT_FILTER, filter } from "../address.ts";
import { Link } from "./link.tsx";
import { Notice } from "./notice.tsx";

/** Says that nothing matches, and what to do about it. */
export const NoLogs = ({ what = "logs" }: { readonly what?: string }): JSX.Element => {
  const { from, to, ...rest } = filter.value;
  const isWide = from === "" && to === "";
  const isFiltered = rest.q !== "" || rest.app !== "" || rest.severity !== DEFAULT_FILTER.severity;
  return (
    <Notice title={`No ${what} here`}>
      <p class="muted">
        {isFiltered || !isWide
          ? `No ${what} match this filter in this time.`
          : "None came yet. The demo page sends some; the README shows how your app does."}
      </p>
      <p class="notice-ways">
        {!isWide && <Link to={{ filter: { from: "", to: "" } }}>Look at all time</Link>}
        {isFiltered && (
          <Link to={{ filter: { q: "", app: "", severity: DEFAULT_FILTER.severity } }}>Take the filter away</Link>
        )}
        {!isFiltered && isWide && <a href="/demo/">Open the demo</a>}
      </p>
    </Notice>
  );
};
