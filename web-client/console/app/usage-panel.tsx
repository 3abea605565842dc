import type { JSX } from "preact";
import type { UsageResponse } from "#contract/api/usage.ts";
import type { FetchState } from "../api/use-fetch.ts";
import { formatCount, formatPercent } from "../lib/format-number.ts";
import { formatByteCount, pluralize } from "#contract/wire/quantity.ts";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { RelativeTime } from "../components/relative-time.tsx";
import { QuotaBar } from "./quota-bar.tsx";
import { toQuotaState } from "./quota-state.ts";
import { toTodaysApps, USAGE_DAYS } from "./use-usage.ts";
import "./usage.css";

const NO_USAGE = { bytes: 0, rejectedBytes: 0, events: 0, rejected: 0, overQuota: 0 };

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", timeZone: "UTC" });

/** Bytes and events of the app for each counted day, newest first. */
const DaysTable = ({ app, days }: { readonly app: string } & UsageResponse): JSX.Element => (
  <table class="values usage-days">
    <thead>
      <tr>
        <th scope="col">Day (UTC)</th>
        <th scope="col">Size</th>
        <th scope="col">Events</th>
        <th scope="col">Over quota</th>
      </tr>
    </thead>
    <tbody>
      {days.map(({ day, apps }) => {
        const { bytes, events, overQuota } = apps.find((usage) => usage.app === app) ?? NO_USAGE;
        return (
          <tr key={day}>
            <th scope="row">{dayFormat.format(Date.parse(day))}</th>
            <td>{formatByteCount(bytes)}</td>
            <td>{formatCount(events)}</td>
            <td data-tone={overQuota > 0 ? "error" : undefined}>{formatCount(overQuota)}</td>
          </tr>
        );
      })}
    </tbody>
  </table>
);

const Today = ({ app, answer }: { readonly app: string; readonly answer: UsageResponse }): JSX.Element => {
  const today = toTodaysApps(answer);
  if (today === undefined) return <p class="panel-empty">Today’s logs are not counted yet. Wait a minute.</p>;
  const usage = today.apps.find((other) => other.app === app) ?? { app, ...NO_USAGE };
  const state = toQuotaState(usage);
  return (
    <>
      <p class="usage-today">
        <strong>{formatByteCount(usage.bytes)}</strong>
        {usage.bytesPerDay === undefined
          ? " (no quota)"
          : ` of ${formatByteCount(usage.bytesPerDay)} (${formatPercent(usage.bytes, usage.bytesPerDay)})`}
        , {pluralize(usage.events, "event")}
        {usage.eventsPerSecond !== undefined && ` (at most ${formatCount(usage.eventsPerSecond)} per second)`}
      </p>
      {state !== undefined && <QuotaBar state={state} />}
      {usage.rejectedBytes > 0 && (
        <p class="panel-hint">Includes {formatByteCount(usage.rejectedBytes)} of rejected events.</p>
      )}
      <p class="panel-hint">
        Counted <RelativeTime time={today.countedAt} />
      </p>
    </>
  );
};

interface UsagePanelProps {
  readonly app: string;
  readonly usage: FetchState<UsageResponse>;
}

/** Size and number of the app's logs today, against its quota, and in the last days. */
export const UsagePanel = ({ app, usage: { answer, failure } }: UsagePanelProps): JSX.Element => (
  <Panel title="Usage today" aside={<span class="panel-hint">By time of arrival, UTC</span>}>
    {answer === undefined ? (
      failure === undefined ? (
        <PanelSkeleton lines={6} />
      ) : (
        <p class="panel-empty" role="alert">
          {failure.message}
        </p>
      )
    ) : answer.days.length === 0 ? (
      <p class="panel-empty">Nothing was counted in the last {USAGE_DAYS} days.</p>
    ) : (
      <>
        <Today app={app} answer={answer} />
        <DaysTable app={app} days={answer.days} />
      </>
    )}
  </Panel>
);
