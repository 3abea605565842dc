import type { JSX } from "preact";
import { REJECTED_RETENTION_DAYS } from "#contract/wire/limits.ts";
import type { RejectedResponse } from "#contract/api/search.ts";
import { address, filter, navigate } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { AppPicker } from "../filter/app-picker.tsx";
import { TimeRange } from "../filter/time-range.tsx";
import { ErrorBanner } from "../components/error-banner.tsx";
import { Link } from "../components/link.tsx";
import { Notice } from "../components/notice.tsx";
import { pluralize } from "../lib/format-number.ts";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { ValueTable } from "../components/value-table.tsx";
import { EXPLANATIONS } from "./reasons.ts";
import { RejectedList } from "./rejected-list.tsx";
import "./rejected.css";

const REFRESH_MS = 30_000;

type Reasons = RejectedResponse["byReason"];

const ReasonPick = ({ reasons, reason }: { readonly reasons: Reasons; readonly reason: string }): JSX.Element => (
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

/** Each reason with its count and what it means. */
const ReasonsPanel = ({ total, byReason }: Pick<RejectedResponse, "total" | "byReason">): JSX.Element => (
  <Panel title="By reason" size="whole" aside={<span class="panel-hint">{pluralize(total, "payload")}</span>}>
    <ValueTable
      head="Reason"
      countHead="Payloads"
      rows={byReason.map(({ reason, count }) => ({
        key: reason,
        label: (
          <span class="rejected-why">
            <Link to={{ reason }}>{reason}</Link>
            <span class="muted">{EXPLANATIONS[reason]}</span>
          </span>
        ),
        count,
      }))}
    />
  </Panel>
);

/** What could not be stored as a log: why, what it was, and how to bring it back. */
export const RejectedPage = (): JSX.Element => {
  const { reason } = address.value;
  const { app, from, to } = filter.value;
  const params = new URLSearchParams({ app, from, to });
  // All reasons, also while one of them is chosen.
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
        <ReasonPick reasons={answer?.byReason ?? []} reason={reason} />
      </div>
      <ErrorBanner failure={failure} onRetry={reload} />
      {isEmpty ? (
        <Notice title="Nothing was rejected">
          <p class="muted">Everything that came in this time could be stored as logs.</p>
          {from !== "" && <Link to={{ filter: { from: "", to: "" } }}>Look at all time</Link>}
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
            What is listed here is kept for {REJECTED_RETENTION_DAYS} days and is not lost: mend the cause, then run{" "}
            <code>npm run rejected -- replay</code> where the stack runs. What has become valid goes in as at its first
            arrival; doing it twice doubles nothing. What names no app is seen by the operator only.
          </p>
          <RejectedList key={`${params}`} params={params} />
        </div>
      )}
    </>
  );
};
