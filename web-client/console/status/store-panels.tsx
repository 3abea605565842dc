import type { JSX } from "preact";
import type { StatusResponse } from "#contract/api/status.ts";
import { Panel } from "../components/panel.tsx";
import { RelativeTime } from "../components/relative-time.tsx";
import { ValueTable } from "../components/value-table.tsx";
import { formatCount, formatPercent } from "../lib/format-number.ts";
import { formatByteCount } from "#contract/wire/quantity.ts";
import { QuotaBar } from "../app/quota-bar.tsx";
import { toQuotaState } from "../app/quota-state.ts";

const UNAVAILABLE = <p class="panel-empty">Not available: OpenSearch does not respond.</p>;

type Store = NonNullable<StatusResponse["store"]>;

/** Disks have no name in the response. */
const toDisks = ({ disks = [] }: Store): readonly (NonNullable<Store["disks"]>[number] & { readonly name: string })[] =>
  disks.map((disk, i) => ({ ...disk, name: `Disk ${i + 1}` }));

/** Size, growth and disks of OpenSearch. */
export const StorePanel = ({ store }: { readonly store: StatusResponse["store"] }): JSX.Element => (
  <Panel title="Storage" size="half">
    {store === undefined ? (
      UNAVAILABLE
    ) : (
      <dl class="lag">
        <div>
          <dt>Logs and rejected events</dt>
          <dd>{formatCount(store.documents)}</dd>
        </div>
        <div>
          <dt>Indices</dt>
          <dd>{formatCount(store.indices)}</dd>
        </div>
        <div>
          <dt>Size with replicas</dt>
          <dd>{formatByteCount(store.bytes)}</dd>
        </div>
        <div>
          <dt>Growth in 7 days</dt>
          <dd>{formatByteCount(store.bytesPerDay)} per day</dd>
        </div>
        {toDisks(store).map(({ name, usedBytes, totalBytes }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {formatPercent(usedBytes, totalBytes)} of {formatByteCount(totalBytes)}
            </dd>
          </div>
        ))}
      </dl>
    )}
  </Panel>
);

/** Today's rejected events by reason. */
export const RejectedTodayPanel = ({ today }: { readonly today: StatusResponse["today"] }): JSX.Element => {
  const rows = Object.entries(today?.rejectedByReason ?? {})
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => ({
      key: reason,
      label: reason,
      count,
      to: { view: "rejected", reason } as const,
    }));
  return (
    <Panel title="Rejected today" size="half">
      {today === undefined ? (
        <p class="panel-empty">Not counted yet.</p>
      ) : rows.length === 0 ? (
        <p class="panel-empty">No rejected events.</p>
      ) : (
        <ValueTable head="Reason" countHead="Events" rows={rows} />
      )}
    </Panel>
  );
};

const MAX_QUOTAS = 8;

/** The apps that have used most of their quota. */
export const QuotasPanel = ({ today }: { readonly today: StatusResponse["today"] }): JSX.Element => {
  const apps = (today?.apps ?? [])
    .flatMap((app) => {
      const state = toQuotaState(app);
      return state === undefined ? [] : [{ app: app.app, state }];
    })
    .toSorted((a, b) => b.state.share - a.state.share)
    .slice(0, MAX_QUOTAS);
  return (
    <Panel title="Quotas today" size="half">
      {apps.length === 0 ? (
        <p class="panel-empty">{today === undefined ? "Not counted yet." : "No app that sent today has a quota."}</p>
      ) : (
        <ul class="status-quotas">
          {apps.map(({ app, state }) => (
            <li key={app}>
              <p>
                <span>{app}</span> <strong>{formatPercent(state.share, 1)}</strong>
              </p>
              <QuotaBar state={state} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
};

const REASONS = { expired: "expired", max_bytes: "limit of size", disk: "full disk" } as const;
const MAX_DELETIONS = 5;

/** The last deletions, and the apps on hold. */
export const RetentionPanel = ({ retention }: { readonly retention: StatusResponse["retention"] }): JSX.Element => (
  <Panel title="Retention" size="half">
    {retention === undefined ? (
      UNAVAILABLE
    ) : (
      <>
        {retention.last === undefined ? (
          <p class="panel-empty">Nothing was deleted yet.</p>
        ) : (
          <>
            <p class="panel-hint">
              Last deletion <RelativeTime time={retention.last.at} />
            </p>
            <ul class="status-deletions">
              {retention.last.deletions.slice(0, MAX_DELETIONS).map(({ index, documents, reason }) => (
                <li key={index}>
                  <code>{index}</code> {formatCount(documents)} documents, {REASONS[reason]}
                </li>
              ))}
            </ul>
            {retention.last.deletions.length > MAX_DELETIONS && (
              <p class="panel-hint">and {retention.last.deletions.length - MAX_DELETIONS} more</p>
            )}
          </>
        )}
        {retention.holds.length > 0 && (
          <p class="status-holds">
            On hold: <strong>{retention.holds.map(({ app }) => app).join(", ")}</strong>
          </p>
        )}
      </>
    )}
  </Panel>
);
