import type { JSX } from "preact";
import type { FacetsResponse } from "#contract/api/statistics.ts";
import { filter } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { toFilteredPath } from "../lib/filtered-path.ts";
import { Link } from "../components/link.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { withAnyField } from "../lib/edit-query.ts";
import { ValueTable } from "../components/value-table.tsx";

const REFRESH_MS = 60_000;

/** Attributes in which the web client reports dropped events, by reason. */
const DROPS = [
  ["edgelog.dropped.queue_full", "Queue full"],
  ["edgelog.dropped.expired", "Expired before delivery"],
  ["edgelog.dropped.too_large", "Event too large"],
] as const;
const FIELDS = DROPS.map(([field]) => field);

/** Events that clients dropped before sending, as reported in their own logs. */
export const DropsPanel = (): JSX.Element => {
  const path = toFilteredPath(
    "/facets",
    { field: FIELDS.join(","), size: "1" },
    { q: withAnyField(filter.value.q, FIELDS) },
  );
  const { answer, failure } = useFetch<FacetsResponse>(path, { refreshMs: REFRESH_MS });
  const rows = DROPS.flatMap(([field, reason]) => {
    const { numbers } = answer?.facets.find((facet) => facet.field === field) ?? {};
    if (numbers === undefined) return [];
    const to = { view: "logs", filter: { q: withAnyField(filter.value.q, [field]) } } as const;
    const count = Math.round(numbers.avg * numbers.count);
    return [{ key: field, label: <Link to={to}>{reason}</Link>, count, to }];
  });
  return (
    <Panel title="Dropped by clients">
      {failure !== undefined ? (
        <p class="panel-empty">{failure.message}</p>
      ) : answer === undefined ? (
        <PanelSkeleton />
      ) : rows.length === 0 ? (
        <p class="panel-empty">No dropped events reported.</p>
      ) : (
        <ValueTable head="Reason" countHead="Events" rows={rows} />
      )}
    </Panel>
  );
};
