import type { JSX } from "preact";
import { MAX_REJECTED_LIMIT } from "#contract/wire/limits.ts";
import type { RejectedResponse } from "#contract/api/search.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { useFetch } from "../api/use-fetch.ts";
import { Link } from "../components/link.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { ValueTable } from "../components/value-table.tsx";
import { formatCount } from "../lib/format-number.ts";
import { USAGE_DAYS } from "./use-usage.ts";

const REFRESH_MS = 60_000;

/** Events that were rejected because the app exceeded its quota, by severity. */
const toRows = ({ hits }: RejectedResponse): { readonly severity: string; readonly count: number }[] =>
  SEVERITIES.map((severity) => ({
    severity,
    count: hits.reduce((sum, { document }) => sum + (document.event?.severities?.[severity] ?? 0), 0),
  })).filter(({ count }) => count > 0);

/** Events over quota by severity in the last days. */
export const OverQuotaPanel = ({ app }: { readonly app: string }): JSX.Element => {
  const params = new URLSearchParams({
    app,
    reason: "over_quota",
    from: `now-${USAGE_DAYS}d`,
    limit: String(MAX_REJECTED_LIMIT),
  });
  const { answer, failure } = useFetch<RejectedResponse>(`/rejected?${params}`, { refreshMs: REFRESH_MS });
  const to = { view: "rejected", reason: "over_quota", filter: { from: `now-${USAGE_DAYS}d`, to: "" } } as const;
  const rows = answer === undefined ? [] : toRows(answer);
  return (
    <Panel title="Over quota by severity" aside={<Link to={to}>Rejected events</Link>}>
      {answer === undefined ? (
        failure === undefined ? (
          <PanelSkeleton />
        ) : (
          <p class="panel-empty" role="alert">
            {failure.message}
          </p>
        )
      ) : rows.length === 0 ? (
        <p class="panel-empty">No events were over quota in the last {USAGE_DAYS} days.</p>
      ) : (
        <>
          <ValueTable
            head="Severity"
            countHead="Events"
            rows={rows.map(({ severity, count }) => ({
              key: severity,
              label: severity,
              count,
            }))}
          />
          <p class="panel-hint">
            {answer.total > answer.hits.length
              ? `From the newest ${formatCount(answer.hits.length)} of ${formatCount(answer.total)} requests with such events in the last ${USAGE_DAYS} days.`
              : `In the last ${USAGE_DAYS} days.`}
          </p>
        </>
      )}
    </Panel>
  );
};
