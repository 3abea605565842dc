import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlertRule, AlertRuleInput, AlertTestResponse } from "#contract/api/alerts.ts";
import { DEFAULT_FILTER, type AddressChange } from "../address.ts";
import { requestJson } from "../api/request.ts";
import { formatCount } from "../lib/format-number.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { Link } from "../components/link.tsx";
import { RelativeTime } from "../components/relative-time.tsx";
import { Timestamp } from "../components/timestamp.tsx";
import { isSilenced, toCondition, toInput } from "./rule-input.ts";

export type AlertAction = "edit" | "silence" | "delete";

interface AlertCardProps {
  readonly rule: AlertRule;
  readonly canEdit: boolean;
  readonly onAction: (action: AlertAction) => void;
  readonly onChanged: () => void;
}

const STATUS = { no_data: "not checked yet", ok: "OK", firing: "firing" } as const;

/** The status of a rule: tone for the style sheet, and text. */
const toStatus = (rule: AlertRule): readonly [tone: string, text: string] => {
  if (!rule.isEnabled) return ["off", "disabled"];
  const text = STATUS[rule.state.status];
  return [rule.state.status, isSilenced(rule) ? `${text}, silenced` : text];
};

/** Links to the logs in the current window of the rule. */
const toLogs = ({ apps, q, windowMinutes }: AlertRule): AddressChange => ({
  view: "logs",
  filter: { ...DEFAULT_FILTER, q, app: apps.join(","), from: `now-${windowMinutes}m` },
});

/** A webhook URL is a secret: only its host is shown. */
const toHost = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

const AlertState = ({ rule }: { readonly rule: AlertRule }): JSX.Element => {
  const { count, checkedAt, since, notifiedAt, lastError, status } = rule.state;
  return (
    <p class="alert-state">
      {count !== undefined && <span>last count: {formatCount(count)}</span>}
      {checkedAt !== undefined && (
        <span>
          checked <RelativeTime time={checkedAt} />
        </span>
      )}
      {since !== undefined && (
        <span>
          {STATUS[status]} since <Timestamp ms={Date.parse(since)} />
        </span>
      )}
      {notifiedAt !== undefined && (
        <span>
          notified <RelativeTime time={notifiedAt} />
        </span>
      )}
      {isSilenced(rule) && rule.silencedUntil !== undefined && (
        <span>
          silenced until <Timestamp ms={Date.parse(rule.silencedUntil)} />
        </span>
      )}
      {lastError !== undefined && <UntrustedText text={lastError} max={300} class="error-message" />}
    </p>
  );
};

/** One rule: its condition, its status and its actions. */
export const AlertCard = ({ rule, canEdit, onAction, onChanged }: AlertCardProps): JSX.Element => {
  const [result, setResult] = useState<{ readonly isError: boolean; readonly text: string } | undefined>(undefined);
  const [tone, status] = toStatus(rule);

  const test = async (): Promise<void> => {
    setResult({ isError: false, text: "Sending a test notification…" });
    const outcome = await requestJson<AlertTestResponse>(`/alerts/${rule.id}/test`, { method: "POST" });
    if (outcome.state === "failed") setResult({ isError: true, text: outcome.message });
    if (outcome.state !== "ok") return;
    const { delivered, status, detail } = outcome.answer;
    setResult({ isError: !delivered, text: status === undefined ? detail : `${detail} (${status})` });
  };
  const change = async (changes: Partial<AlertRuleInput>): Promise<void> => {
    const body = { ...toInput(rule), ...changes };
    const outcome = await requestJson<AlertRule>(`/alerts/${rule.id}`, { method: "PUT", body });
    setResult(outcome.state === "failed" ? { isError: true, text: outcome.message } : undefined);
    onChanged();
  };

  return (
    <li class="alert card" data-tone={tone}>
      <header>
        <h2>
          <UntrustedText text={rule.name} max={128} />
        </h2>
        <span class="alert-status" data-tone={tone}>
          <span class="dot" />
          {status}
        </span>
      </header>
      <p class="alert-rule">
        <strong>{toCondition(rule)}</strong>
        <Link to={toLogs(rule)}>
          <UntrustedText text={rule.q === "" ? "all logs" : rule.q} max={300} />
        </Link>
        <span class="muted">
          <UntrustedText text={rule.apps.join(", ")} max={300} />
        </span>
        <span class="muted">
          to <UntrustedText text={toHost(rule.webhookUrl)} max={80} />
        </span>
      </p>
      <AlertState rule={rule} />
      {canEdit && (
        <footer>
          <button class="button small" type="button" onClick={() => onAction("edit")}>
            Edit
          </button>
          <button class="button small" type="button" onClick={() => void test()}>
            Test
          </button>
          {isSilenced(rule) ? (
            <button class="button small" type="button" onClick={() => void change({ silencedUntil: undefined })}>
              End silence
            </button>
          ) : (
            <button class="button small" type="button" onClick={() => onAction("silence")}>
              Silence
            </button>
          )}
          <button class="button small" type="button" onClick={() => void change({ isEnabled: !rule.isEnabled })}>
            {rule.isEnabled ? "Disable" : "Enable"}
          </button>
          <button class="button small danger" type="button" onClick={() => onAction("delete")}>
            Delete
          </button>
        </footer>
      )}
      <p class="alert-result" role="status" data-error={result?.isError}>
        {result?.text}
      </p>
    </li>
  );
};
