import type { JSX } from "preact";
import type { StatusResponse } from "#contract/api/status.ts";
import { useFetch } from "../api/use-fetch.ts";
import { ErrorBanner } from "../components/error-banner.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { RelativeTime } from "../components/relative-time.tsx";
import { TextWithCode } from "../components/text-with-code.tsx";
import { Tile } from "../components/tile.tsx";
import { formatCount } from "../lib/format-number.ts";
import { now } from "../lib/format-time.ts";
import {
  areCronJobsRunning,
  assessBacklog,
  assessCertificate,
  assessDisk,
  assessDrops,
  assessHealth,
  assessLag,
  type Assessed,
} from "./assess.ts";
import { RelaysPanel } from "./relays-panel.tsx";
import { QuotasPanel, RejectedTodayPanel, RetentionPanel, StorePanel } from "./store-panels.tsx";
import "../app/usage.css";
import "./status.css";

const REFRESH_MS = 30_000;

const AssessedTile = ({ label, of }: { readonly label: string; readonly of: Assessed }): JSX.Element => (
  <Tile label={label} value={of.value} note={of.note} tone={of.tone} />
);

const Tiles = ({ status, nowMs }: { readonly status: StatusResponse; readonly nowMs: number }): JSX.Element => (
  <dl class="tiles">
    <AssessedTile label="Deployment" of={assessHealth(status)} />
    <AssessedTile label="Lag" of={assessLag(status, nowMs)} />
    <AssessedTile label="Backlog" of={assessBacklog(status)} />
    <AssessedTile label="Dropped" of={assessDrops(status)} />
    <AssessedTile label="Disk full in" of={assessDisk(status)} />
    <AssessedTile label="Certificate" of={assessCertificate(status)} />
  </dl>
);

const HealthPanel = ({ status, nowMs }: { readonly status: StatusResponse; readonly nowMs: number }): JSX.Element => {
  const { health, today } = status;
  const isRunning = areCronJobsRunning(status, nowMs);
  return (
    <Panel
      title="Problems"
      size="whole"
      aside={
        <span class="panel-hint">
          Checked <RelativeTime time={health.checkedAt} />
        </span>
      }
    >
      {health.problems.length === 0 && isRunning ? (
        <p class="status-none">No problems found.</p>
      ) : (
        <ul class="status-problems">
          {health.problems.map(({ code, message, indices }) => (
            <li key={code}>
              <code class="status-code">{code}</code> <TextWithCode text={message} />
              {indices !== undefined && indices.length > 0 && <small>{indices.join(", ")}</small>}
            </li>
          ))}
          {!isRunning && (
            <li key="cron">
              <code class="status-code">cron_jobs</code>{" "}
              {today === undefined
                ? "The cron jobs have not run today or yesterday. Within 10 minutes of the first start this is normal."
                : "The cron jobs have not run for 10 minutes, so alerts are not checked and expired logs are not deleted."}
            </li>
          )}
        </ul>
      )}
      {today !== undefined && (
        <p class="panel-hint">
          Today: {formatCount(today.events)} events stored, {formatCount(today.rejected)} rejected,{" "}
          {formatCount(today.overQuota)} over quota; counted <RelativeTime time={today.countedAt} />
        </p>
      )}
    </Panel>
  );
};

/** The state of each part of the deployment, for tokens with `canMonitor`. */
export const StatusPage = (): JSX.Element => {
  const { answer, failure, reload } = useFetch<StatusResponse>("/status", { refreshMs: REFRESH_MS });
  const nowMs = now.value;
  return (
    <>
      <PageHeader above="All parts of this deployment">Status</PageHeader>
      <ErrorBanner failure={failure} onRetry={reload} />
      <div class="dashboard" data-stale={failure !== undefined && answer !== undefined}>
        {answer === undefined ? (
          failure === undefined && (
            <Panel title="Problems" size="whole">
              <PanelSkeleton lines={6} />
            </Panel>
          )
        ) : (
          <>
            <Tiles status={answer} nowMs={nowMs} />
            <HealthPanel status={answer} nowMs={nowMs} />
            <RelaysPanel relays={answer.relays} nowMs={nowMs} />
            <StorePanel store={answer.store} />
            <QuotasPanel today={answer.today} />
            <RejectedTodayPanel today={answer.today} />
            <RetentionPanel retention={answer.retention} />
          </>
        )}
      </div>
    </>
  );
};
