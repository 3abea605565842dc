import type { JSX } from "preact";
import type { UsageResponse } from "#contract/api/usage.ts";
import type { AppUsage } from "#contract/store/usage.ts";
import type { FetchState } from "../api/use-fetch.ts";
import { Link } from "../components/link.tsx";
import { Panel, PanelSkeleton } from "../components/panel.tsx";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { formatCount } from "../lib/format-number.ts";
import { formatByteCount } from "#contract/wire/quantity.ts";
import { toQuotaState } from "./quota-state.ts";
import { toTodaysApps } from "./use-usage.ts";
import "./usage.css";

const TONES = { ok: undefined, warning: "warn", over: "error" } as const;

const AppRow = ({ usage, most }: { readonly usage: AppUsage; readonly most: number }): JSX.Element => {
  const { app, bytes, events } = usage;
  const quota = toQuotaState(usage);
  return (
    <tr>
      <th scope="row">
        <span class="value-bar" style={{ width: `${(bytes / Math.max(most, 1)) * 100}%` }} />
        <span class="value-label">
          <Link to={{ view: "app", filter: { app } }}>
            <UntrustedText text={app} max={64} />
          </Link>
        </span>
      </th>
      <td>{formatByteCount(bytes)}</td>
      <td>{formatCount(events)}</td>
      <td data-tone={quota && TONES[quota.level]}>{quota === undefined ? "–" : `${Math.round(quota.share * 100)}%`}</td>
    </tr>
  );
};

/** All apps of the reader, ordered by the size of their logs today. */
export const AppsBySizePanel = ({
  usage: { answer, failure },
}: {
  readonly usage: FetchState<UsageResponse>;
}): JSX.Element => {
  const apps = answer === undefined ? undefined : (toTodaysApps(answer)?.apps ?? []);
  return (
    <Panel title="Apps by size today" aside={<span class="panel-hint">By time of arrival, UTC</span>}>
      {apps === undefined ? (
        failure === undefined ? (
          <PanelSkeleton />
        ) : (
          <p class="panel-empty" role="alert">
            {failure.message}
          </p>
        )
      ) : apps.length === 0 ? (
        <p class="panel-empty">No logs counted today.</p>
      ) : (
        <table class="values">
          <thead>
            <tr>
              <th scope="col">App</th>
              <th scope="col">Size</th>
              <th scope="col">Events</th>
              <th scope="col">Quota</th>
            </tr>
          </thead>
          <tbody>
            {apps.map((app) => (
              <AppRow key={app.app} usage={app} most={apps[0]?.bytes ?? 0} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
};
