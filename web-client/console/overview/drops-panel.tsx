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

/** Attributes in which the web client says how many events it gave up, and what each means. */
const DROPS = [
  ["edgelog.dropped.queue_full", "The device's queue was full"],
  ["edgelog.dropped.expired", "Too old when the device was online again"],
  ["edgelog.dropped.too_large", "Too large to send"],
  ["edgelog.dropped.unserializable", "Could not be written as JSON"],
] as const;
const FIELDS = DROPS.map(([field]) => field);

/** What clients gave up before it was sent, as they said it themselves in a log. */
export const DropsPanel = (): JSX.Element => {
  const path = toFilteredPath(
    "/facets",
    { field: FIELDS.join(","), size: "1" },
    { q: withAnyField(filter.value.q, FIELDS) },
  );
  const { answer, failure } = useFetch<FacetsResponse>(path, { refreshMs: REFRESH_MS });
  const rows = DROPS.flatMap(([field, meaning]) => {
    const { numbers } = answer?.facets.find((facet) => facet.field === field) ?? {};
    if (numbers === undefined) return [];
    const to = { view: "logs", filter: { q: withAnyField(filter.value.q, [field]) } } as const;
    const count = Math.round(numbers.avg * numbers.count);
    return [{ key: field, label: <Link to={to}>{meaning}</Link>, count, to }];
  });
  return (
    <Panel title="Dropped by clients">
      {failure !== undefined ? (
        <p class="panel-empty">{failure.message}</p>
      ) : answer === undefined ? (
        <PanelSkeleton />
      ) : rows.length === 0 ? (
        <p class="panel-empty">No client said that it gave up a log.</p>
      ) : (
        <ValueTable head="Reason" countHead="Events" rows={rows} />
      )}
    </Panel>
  );
};
