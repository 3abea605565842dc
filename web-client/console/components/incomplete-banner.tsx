import type { JSX } from "preact";
import { pluralize } from "#contract/wire/quantity.ts";
import { describeIncomplete, mergeIncomplete, type MayBeIncomplete } from "../lib/describe-incomplete.ts";
import "./incomplete-banner.css";

interface IncompleteBannerProps {
  /** The responses that the page shows. */
  readonly answers: readonly MayBeIncomplete[];
  /** More consequences for this page, as a sentence. */
  readonly note?: string | undefined;
  /** Loads the page's data again. Absent: the page does that periodically. */
  readonly onReload?: (() => void) | undefined;
}

/** Shows which logs may be missing because part of the storage is unavailable; nothing if all responses are complete. */
export const IncompleteBanner = ({ answers, note, onReload }: IncompleteBannerProps): JSX.Element | null => {
  const incomplete = mergeIncomplete(answers);
  if (incomplete === undefined) return null;
  const { indices, failedShards } = incomplete;
  return (
    <div class="banner incomplete" role="status">
      <div>
        <p>
          <strong>{describeIncomplete(indices)} may be missing.</strong> Part of the log storage is unavailable, so
          counts may be too low. {note}
        </p>
        <details>
          <summary>
            Unavailable storage: {pluralize(Math.max(indices.length, failedShards), "index", "indices")}
          </summary>
          {indices.length === 0 ? (
            <p class="small muted">
              The names of these indices are unknown. An operator can find the cause in /healthz of the Worker.
            </p>
          ) : (
            <ul class="small">
              {indices.map((index) => (
                <li key={index}>
                  <code>{index}</code>
                </li>
              ))}
            </ul>
          )}
        </details>
      </div>
      {onReload !== undefined && (
        <button class="button small" type="button" onClick={onReload}>
          Try again
        </button>
      )}
    </div>
  );
};
