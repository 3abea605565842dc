import type { JSX } from "preact";
import { REJECTED_RETENTION_DAYS } from "#contract/wire/limits.ts";
import type { RejectedResponse } from "#contract/api/search.ts";
import { address, filter, navigate } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { AppPicker } from "../filter/app-picker.tsx";
import { TimeRange } from "../filter/time-range.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { IncompleteBanner } from "../components/incomplete-banner.tsx";
import { Link } from "../components/link.tsx";
import { Notice } from "../components/notice.tsx";
import { pluralize } from "#contract/wire/quantity.ts";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { ValueTable } from "../components/value-table.tsx";
import { EXPLANATIONS } from "./reasons.ts";
import { RejectedList } from "./rejected-list.tsx";
import "./rejected.css";

const REFRESH_MS = 30_000;

type Reasons = RejectedResponse["byReason"];

const ReasonPicker = ({ reasons, reason }: { readonly reasons: Reasons; readonly reason: string }): JSX.Element => (
  <label class="pick">
    <span>Reason</span>
    <select class="field" value={reason} onChange={({ currentTarget: { value } }) => navigate({ reason: value })}>
      <option value="">All reasons</option>
      {reasons.map(({ reason: name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
      {reason !== "" && reasons.every(({ reason: name }) => name !== reason) && (
        <option value={reason}>{reason}</option>
      )}
    </select>
  </label>
);

/** The reasons with counts and explanations. */
const ReasonsPanel = ({ total, byReason }: Pick<RejectedResponse, "total" | "byReason">): JSX.Element => (
  <Panel title="By reason" size="whole" aside={<span class="panel-hint">{pluralize(total, "payload")}</span>}>
    <ValueTable
      head="Reason"
      countHead="Payloads"
      rows={byReason.map(({ reason, count }) => ({
        key: reason,
        label: (
          <span class="rejected-reason-cell">
            <Link to={{ reason }}>{reason}</Link>
            <span class="muted">{EXPLANATIONS[reason]}</span>
          </span>
        ),
        count,
      }))}
    />
  </Panel>
);

/** Payloads that were not stored as logs: reasons, contents and how to replay them. */
export const RejectedPage = (): JSX.Element => {
  const { reason } = address.value;
  const { app, from, to } = filter.value;
  const params = new URLSearchParams({ app, from, to });
  // Without `reason`: counts of all reasons are needed while one is selected.
  const { answer, failure, isStale, reload } = useFetch<RejectedResponse>(`/rejected?${params}&limit=1`, {
    refreshMs: REFRESH_MS,
  });
  if (reason !== "") params.set("reason", reason);
  const isEmpty = answer?.total === 0 && !isStale;
  return (
    <>
      <h1 class="visually-hidden">Rejected</h1>
      <div class="toolbar">
        <TimeRange />
        <AppPicker />
        <ReasonPicker reasons={answer?.byReason ?? []} reason={reason} />
      </div>
      <ErrorBanner failure={failure} onRetry={reload} />
      <IncompleteBanner answers={[answer]} onReload={reload} />
      {isEmpty ? (
        <Notice title="No rejected payloads">
          <p class="muted">
            {answer.incomplete === undefined
              ? "All payloads received in this time range were stored as logs."
              : "The available storage has no rejected payloads of this time range."}
          </p>
          {from !== "" && <Link to={{ filter: { from: "", to: "" } }}>Search all time</Link>}
        </Notice>
      ) : (
        <div class="dashboard">
          {answer === undefined ? (
            <Panel title="By reason" size="whole">
              <PanelSkeleton />
            </Panel>
          ) : (
            <ReasonsPanel {...answer} />
          )}
          <p class="rejected-note">
            Rejected payloads are stored for {REJECTED_RETENTION_DAYS} days. Fix the cause, then run{" "}
            <code>npm run rejected -- replay</code> on the server. Payloads that are now valid are stored as logs with
            their original arrival time. Replaying twice creates no duplicates. Only the operator can see payloads
            without an app.
          </p>
          <RejectedList key={`${params}`} params={params} />
        </div>
      )}
    </>
  );
};
