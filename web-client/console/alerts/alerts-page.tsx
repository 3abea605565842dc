import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlertRule, AlertsResponse } from "#contract/api/alerts.ts";
import { useFetch } from "../api/use-fetch.ts";
import { ErrorBanner } from "../components/error-banner.tsx";
import { Notice } from "../components/notice.tsx";
import { PageHeader } from "../components/page-header.tsx";
import { PanelSkeleton } from "../components/panel.tsx";
import { AlertCard, type AlertAction } from "./alert-card.tsx";
import { DeleteDialog, SilenceDialog } from "./alert-dialogs.tsx";
import { AlertForm } from "./alert-form.tsx";
import "./alerts.css";

const REFRESH_MS = 15_000;

/** The open dialog. `rule` is absent for a new rule. */
interface OpenDialog {
  readonly action: AlertAction;
  readonly rule?: AlertRule;
}

const ORDER = { firing: 0, no_data: 1, ok: 2 } as const;

/** Firing rules first, disabled rules last. */
const compare = (a: AlertRule, b: AlertRule): number =>
  Number(b.isEnabled) - Number(a.isEnabled) ||
  ORDER[a.state.status] - ORDER[b.state.status] ||
  a.name.localeCompare(b.name);

/** Lists the alert rules, which count logs and notify a webhook. */
export const AlertsPage = (): JSX.Element => {
  const { answer, failure, reload } = useFetch<AlertsResponse>("/alerts", { refreshMs: REFRESH_MS });
  const [open, setOpen] = useState<OpenDialog | undefined>(undefined);
  const { rules, canEdit = false } = answer ?? {};
  const close = (): void => setOpen(undefined);
  const done = (): void => {
    close();
    reload();
  };
  const newButton = (
    <button class="button primary" type="button" onClick={() => setOpen({ action: "edit" })}>
      New alert
    </button>
  );
  return (
    <>
      <PageHeader above="An alert is checked every minute, and notifies a webhook" aside={canEdit && newButton}>
        Alerts
      </PageHeader>
      <ErrorBanner failure={failure} onRetry={reload} />
      {answer !== undefined && !canEdit && (
        <p class="alerts-note">Read-only: your token does not have permission to edit alerts.</p>
      )}
      {rules === undefined ? (
        <div class="alerts">
          <div class="card">
            <PanelSkeleton lines={6} />
          </div>
        </div>
      ) : rules.length === 0 ? (
        <Notice title="No alerts yet">
          <p class="muted">
            An alert counts the logs that match a query and notifies a webhook when there are too many or too few.
          </p>
        </Notice>
      ) : (
        <ul class="alerts">
          {rules.toSorted(compare).map((rule) => (
            <AlertCard
              key={rule.id}
              rule={rule}
              canEdit={canEdit}
              onAction={(action) => setOpen({ action, rule })}
              onChanged={reload}
            />
          ))}
        </ul>
      )}
      {open?.action === "edit" && <AlertForm rule={open.rule} onSaved={done} onClose={close} />}
      {open?.action === "silence" && open.rule && <SilenceDialog rule={open.rule} onDone={done} onClose={close} />}
      {open?.action === "delete" && open.rule && <DeleteDialog rule={open.rule} onDone={done} onClose={close} />}
    </>
  );
};
