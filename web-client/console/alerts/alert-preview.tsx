import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { MAX_ALERT_WINDOW_MINUTES } from "#contract/wire/limits.ts";
import { parseQuery } from "#contract/query/parse.ts";
import type { HistogramResponse } from "#contract/api/statistics.ts";
import { useFetch } from "../api/use-fetch.ts";
import { describeIncomplete } from "../lib/describe-incomplete.ts";
import { toHistogramPath } from "../lib/histogram-path.ts";
import { pluralize } from "#contract/wire/quantity.ts";
import { SeverityChart } from "../components/severity-chart.tsx";
import type { Draft } from "./rule-input.ts";

const DEBOUNCE_MS = 400;

/** Path of the preview's request; `undefined` while the draft is invalid. */
const toPath = ({ apps, q, windowMinutes }: Draft): string | undefined => {
  const minutes = Number(windowMinutes);
  const isWindowValid = Number.isInteger(minutes) && minutes > 0 && minutes <= MAX_ALERT_WINDOW_MINUTES;
  if (!isWindowValid || apps.length === 0 || !parseQuery(q).ok) return undefined;
  const params = new URLSearchParams({ app: apps.join(","), q, from: `now-${minutes}m`, to: "now", buckets: "60" });
  return toHistogramPath(params);
};

const useDebounced = (value: string | undefined): string | undefined => {
  const [debounced, setDebounced] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(value), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return debounced;
};

/** The number of logs that the rule would count now. */
export const AlertPreview = ({ draft }: { readonly draft: Draft }): JSX.Element => {
  const { answer, failure, isStale } = useFetch<HistogramResponse>(useDebounced(toPath(draft)));
  if (toPath(draft) === undefined)
    return <p class="alert-preview muted">Select an app and enter a valid query and window to see a preview.</p>;
  if (failure !== undefined) return <p class="alert-preview muted">{failure.message}</p>;
  const threshold = Number(draft.threshold);
  const isMet =
    answer !== undefined && (draft.condition === "at_least" ? answer.total >= threshold : answer.total < threshold);
  return (
    <div class="alert-preview" data-stale={isStale}>
      <p role="status">
        {answer === undefined ? (
          "Counting…"
        ) : (
          <>
            <strong>{pluralize(answer.total, "log")}</strong> in the last{" "}
            {pluralize(Number(draft.windowMinutes), "minute")}: the alert would{" "}
            {isMet ? <strong>fire</strong> : "not fire"}.
          </>
        )}
      </p>
      {answer?.incomplete !== undefined && (
        <p class="small" role="status">
          {describeIncomplete(answer.incomplete.indices)} may be missing from this count: part of the log storage is
          unavailable. Until it is available, alerts are not checked.
        </p>
      )}
      <SeverityChart histogram={answer} label="Matching logs" height={90} />
    </div>
  );
};
