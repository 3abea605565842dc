import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { HOUR_MS } from "#contract/wire/durations.ts";
import type { AlertRule } from "#contract/api/alerts.ts";
import { requestJson, type RequestResult } from "../api/request.ts";
import { Dialog } from "../components/dialog.tsx";
import { timeZone } from "../lib/format-time.ts";
import { parseInputEnd } from "../lib/local-time.ts";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { toInput } from "./rule-input.ts";

interface AlertDialogProps {
  readonly rule: AlertRule;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

interface Change {
  readonly failure: string | undefined;
  run(change: Promise<RequestResult<unknown>>): Promise<void>;
}

/** Sends one change. On failure the dialog stays open and shows the message. */
const useChange = (onDone: () => void): Change => {
  const [failure, setFailure] = useState<string | undefined>(undefined);
  const run = async (change: Promise<RequestResult<unknown>>): Promise<void> => {
    const outcome = await change;
    if (outcome.state === "failed") setFailure(outcome.message);
    else onDone();
  };
  return { failure, run };
};

const Failure = ({ text }: { readonly text: string | undefined }): JSX.Element | null =>
  text === undefined ? null : (
    <p class="error-message" role="alert">
      {text}
    </p>
  );

/** Asks for confirmation before a rule is deleted. */
export const DeleteDialog = ({ rule, onDone, onClose }: AlertDialogProps): JSX.Element => {
  const { failure, run } = useChange(onDone);
  return (
    <Dialog title="Delete this alert?" onClose={onClose}>
      <p>
        <strong>
          <UntrustedText text={rule.name} max={128} />
        </strong>{" "}
        will no longer be checked. This cannot be undone. To keep the rule, disable it instead.
      </p>
      <Failure text={failure} />
      <footer class="dialog-foot">
        <button class="button" type="button" autofocus onClick={onClose}>
          Cancel
        </button>
        <button
          class="button danger"
          type="button"
          onClick={() => void run(requestJson(`/alerts/${rule.id}`, { method: "DELETE" }))}
        >
          Delete
        </button>
      </footer>
    </Dialog>
  );
};

/** Suppresses the notifications of a rule until a given time. */
export const SilenceDialog = ({ rule, onDone, onClose }: AlertDialogProps): JSX.Element => {
  const { failure, run } = useChange(onDone);
  const [until, setUntil] = useState("");
  const silence = (ms: number): void => {
    const body = { ...toInput(rule), silencedUntil: new Date(ms).toISOString() };
    void run(requestJson(`/alerts/${rule.id}`, { method: "PUT", body }));
  };
  const untilMs = parseInputEnd(until);
  return (
    <Dialog title="Silence this alert" onClose={onClose}>
      <p>
        <strong>
          <UntrustedText text={rule.name} max={128} />
        </strong>{" "}
        is still checked but sends no notifications. If it is firing when the silence ends, a notification is sent then.
      </p>
      <div class="alert-silence">
        <button class="button" type="button" onClick={() => silence(Date.now() + HOUR_MS)}>
          1 hour
        </button>
        <button class="button" type="button" onClick={() => silence(Date.now() + 8 * HOUR_MS)}>
          8 hours
        </button>
        <label class="label">
          Until ({timeZone.value === "utc" ? "UTC" : "local time"})
          <input
            class="field"
            type="datetime-local"
            value={until}
            onInput={({ currentTarget: { value } }) => setUntil(value)}
          />
        </label>
        <button class="button" type="button" disabled={!(untilMs > Date.now())} onClick={() => silence(untilMs)}>
          Silence until this time
        </button>
      </div>
      <Failure text={failure} />
      <footer class="dialog-foot">
        <button class="button" type="button" onClick={onClose}>
          Cancel
        </button>
      </footer>
    </Dialog>
  );
};
