import type { JSX } from "preact";
import type { ContextGrouping, ContextResponse } from "#contract/api/search.ts";
import { describeIncomplete } from "../../lib/describe-incomplete.ts";
import { toLogKey } from "../../lib/log-key.ts";
import { UntrustedText } from "../../components/untrusted-text.tsx";
import { Link } from "../../components/link.tsx";
import { SeverityBadge } from "../../components/severity-badge.tsx";
import { timeFormats } from "../../lib/format-time.ts";

interface ContextListProps {
  readonly answer: ContextResponse | undefined;
  readonly failure: string | undefined;
  /** A chosen id that this log does not have. */
  readonly lacking: ContextGrouping | undefined;
  /** Called when the reader chooses another id that the logs share. */
  readonly onGrouping: (by: ContextGrouping) => void;
}

const LABELS: Readonly<Record<ContextGrouping, string>> = {
  session: "session",
  device: "device",
  client: "client",
  trace: "trace",
  host: "host",
  service: "service",
  app: "app, by time",
};

const MAX_LINE = 200;

/** Logs before and after this one, oldest first: from the same session, or from another group that the reader chooses. */
export const ContextList = ({ answer, failure, lacking, onGrouping }: ContextListProps): JSX.Element => {
  if (answer === undefined) return <p class="small muted">{failure ?? "Loading…"}</p>;
  const { before, event, after, by, groupings, value, incomplete } = answer;
  const eventKey = toLogKey(event);
  const firstMs = Date.parse(event.document["@timestamp"]);
  return (
    <>
      <p class="small muted context-by">
        <label>
          From the same{" "}
          <select
            class="field"
            value={by}
            onChange={({ currentTarget }) => {
              const chosen = groupings.find((grouping) => grouping === currentTarget.value);
              if (chosen !== undefined) onGrouping(chosen);
            }}
          >
            {groupings.map((grouping) => (
              <option key={grouping} value={grouping}>
                {LABELS[grouping]}
              </option>
            ))}
          </select>
        </label>
        {value !== undefined && <UntrustedText text={value} max={64} />}
      </p>
      {lacking !== undefined && <p class="small muted">This log has no {LABELS[lacking]}.</p>}
      {incomplete !== undefined && (
        <p class="small" role="status">
          {describeIncomplete(incomplete.indices)} may be missing here: part of the log storage is unavailable.
        </p>
      )}
      <ol class="context-list">
        {[...before, event, ...after].map((hit) => {
          const key = toLogKey(hit);
          const ms = Date.parse(hit.document["@timestamp"]);
          return (
            <li key={key} aria-current={key === eventKey ? "true" : undefined}>
              <Link to={{ event: key }}>
                <time dateTime={hit.document["@timestamp"]} title={timeFormats.value.full.format(ms)}>
                  {toOffset(ms - firstMs)}
                </time>
                <SeverityBadge severity={hit.document.severity?.text} />
                <span class="context-text">
                  {hit.document.edgelog.app !== event.document.edgelog.app && (
                    <>
                      <UntrustedText class="muted" text={hit.document.edgelog.app} max={30} />{" "}
                    </>
                  )}
                  <UntrustedText text={hit.document.body} max={MAX_LINE} />
                </span>
              </Link>
            </li>
          );
        })}
      </ol>
    </>
  );
};

/** Formats the time difference to the event, such as `+1.204 s` or `−3:12 min`. */
const toOffset = (ms: number): string => {
  const sign = ms < 0 ? "−" : "+";
  const seconds = Math.abs(ms) / 1_000;
  if (seconds < 60) return `${sign}${seconds.toFixed(3)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${sign}${minutes}:${String(Math.floor(seconds % 60)).padStart(2, "0")} min`
    : `${sign}${(minutes / 60).toFixed(1)} h`;
};
