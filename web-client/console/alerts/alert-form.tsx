import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { AlertRule } from "#contract/api/alerts.ts";
import { MAX_ALERT_NAME_LENGTH, MAX_ALERT_WINDOW_MINUTES, MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { parseQuery } from "#contract/query/parse.ts";
import { filter } from "../address.ts";
import { requestJson, type RequestResult } from "../api/request.ts";
import { QueryError, type QuerySyntaxError } from "../filter/query-error.tsx";
import { Dialog } from "../components/dialog.tsx";
import { AlertApps } from "./alert-apps.tsx";
import { AlertField } from "./alert-field.tsx";
import { AlertPreview } from "./alert-preview.tsx";
import { fromDraft, toDraft, type Draft } from "./rule-input.ts";

interface AlertFormProps {
  /** The rule to edit; `undefined` to create one. */
  readonly rule: AlertRule | undefined;
  readonly onSaved: () => void;
  readonly onClose: () => void;
}

type Failure = Extract<RequestResult<never>, { state: "failed" }>;

const FIELDS: readonly string[] = ["name", "apps", "q", "threshold", "windowMinutes", "webhookUrl"];

/** The form field of an error. Errors of `app` and `apps[0]` are shown at `apps`. */
const toField = ({ field = "" }: Failure): string => (field.startsWith("app") ? "apps" : field);

/** An error that the server located in the query. */
const toQueryProblem = (failure: Failure | undefined): QuerySyntaxError | undefined =>
  failure?.offset === undefined || failure.length === undefined
    ? undefined
    : { message: failure.message, offset: failure.offset, length: failure.length };

/** Creates or edits a rule. */
export const AlertForm = ({ rule, onSaved, onClose }: AlertFormProps): JSX.Element => {
  const { app, q } = filter.value;
  const [draft, setDraft] = useState(() => toDraft(rule, app === "" ? [] : [app], q));
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const [isSending, setSending] = useState(false);
  const parsed = parseQuery(draft.q);
  const queryProblem = parsed.ok ? toQueryProblem(failure) : parsed.error;

  const change = (changes: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...changes }));
    setFailure(undefined);
  };
  const problemOf = (name: string): string | undefined =>
    failure !== undefined && toField(failure) === name ? failure.message : undefined;

  const send = async (): Promise<void> => {
    setSending(true);
    const body = fromDraft(draft, rule);
    const outcome =
      rule === undefined
        ? await requestJson<AlertRule>("/alerts", { method: "POST", body })
        : await requestJson<AlertRule>(`/alerts/${rule.id}`, { method: "PUT", body });
    setSending(false);
    if (outcome.state === "failed") setFailure(outcome);
    else onSaved();
  };

  return (
    <Dialog title={rule === undefined ? "New alert" : "Edit alert"} onClose={onClose}>
      <form
        class="alert-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <AlertField label="Name" problem={problemOf("name")}>
          <input
            class="field"
            autofocus
            maxLength={MAX_ALERT_NAME_LENGTH}
            value={draft.name}
            onInput={({ currentTarget: { value } }) => change({ name: value })}
          />
        </AlertField>
        <AlertApps apps={draft.apps} problem={problemOf("apps")} onChange={(apps) => change({ apps })} />
        <AlertField
          label="Query"
          problem={queryProblem === undefined ? problemOf("q") : undefined}
          hint="Leave empty to count all logs."
        >
          <input
            class="field"
            spellcheck={false}
            autocomplete="off"
            maxLength={MAX_QUERY_LENGTH}
            value={draft.q}
            onInput={({ currentTarget: { value } }) => change({ q: value })}
          />
        </AlertField>
        {queryProblem !== undefined && <QueryError id="alert-query-error" q={draft.q} error={queryProblem} />}
        <div class="alert-condition">
          <AlertField label="Condition" problem={undefined}>
            <select
              class="field"
              value={draft.condition}
              onChange={({ currentTarget: { value } }) =>
                change({ condition: value === "less_than" ? "less_than" : "at_least" })
              }
            >
              <option value="at_least">at least</option>
              <option value="less_than">fewer than</option>
            </select>
          </AlertField>
          <AlertField label="Logs" problem={problemOf("threshold")}>
            <input
              class="field"
              type="number"
              min={1}
              value={draft.threshold}
              onInput={({ currentTarget: { value } }) => change({ threshold: value })}
            />
          </AlertField>
          <AlertField label="Window (min)" problem={problemOf("windowMinutes")}>
            <input
              class="field"
              type="number"
              min={1}
              max={MAX_ALERT_WINDOW_MINUTES}
              value={draft.windowMinutes}
              onInput={({ currentTarget: { value } }) => change({ windowMinutes: value })}
            />
          </AlertField>
        </div>
        <AlertPreview draft={draft} />
        <AlertField
          label="Webhook URL"
          problem={problemOf("webhookUrl")}
          hint="HTTPS URL of a Slack-compatible incoming webhook. Notified at most once per window."
        >
          <input
            class="field"
            type="url"
            spellcheck={false}
            autocomplete="off"
            placeholder="https://hooks.example.com/…"
            value={draft.webhookUrl}
            onInput={({ currentTarget: { value } }) => change({ webhookUrl: value })}
          />
        </AlertField>
        {failure !== undefined && !FIELDS.includes(toField(failure)) && (
          <p class="error-message" role="alert">
            {failure.message}
          </p>
        )}
        <footer class="dialog-foot">
          <button class="button" type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="button primary" type="submit" disabled={isSending || !parsed.ok}>
            {isSending ? "Saving…" : "Save"}
          </button>
        </footer>
      </form>
    </Dialog>
  );
};
