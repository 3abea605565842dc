import { Fragment, type JSX } from "preact";
import { readField } from "#contract/query/fields.ts";
import type { SearchHit } from "#contract/api/search.ts";
import { withValue } from "../lib/edit-query.ts";
import { toLogKey } from "../lib/log-key.ts";
import { toEventTitle } from "../components/event-list.tsx";
import { UntrustedText } from "../components/untrusted-text.tsx";
import { Link } from "../components/link.tsx";
import { formatDuration } from "../lib/format-number.ts";
import { SeverityBadge } from "../components/severity-badge.tsx";
import { Timestamp } from "../components/timestamp.tsx";

/** A pause of at least this length is shown. */
const GAP_MS = 30_000;

const timeOf = ({ document }: SearchHit): number => Date.parse(document["@timestamp"]);

/** Page or screen that the user viewed. */
const pageOf = ({ document }: SearchHit): string | undefined => {
  const page = readField(document, "screen.name") ?? readField(document, "url.path") ?? readField(document, "url.full");
  return typeof page === "string" ? page : undefined;
};

/** Id of the page view. A log without an id belongs to the previous page view. */
const viewOf = ({ document }: SearchHit): unknown => readField(document, "edgelog.page_view.id");

const isNewView = (hit: SearchHit, before: SearchHit | undefined): boolean => {
  const view = viewOf(hit);
  return view !== undefined && (before === undefined || view !== viewOf(before));
};

interface TimelineListProps {
  readonly session: string;
  readonly hits: readonly SearchHit[];
}

/** Logs in order, with page views and pauses. */
export const TimelineList = ({ session, hits }: TimelineListProps): JSX.Element => {
  const start = hits[0] === undefined ? 0 : timeOf(hits[0]);
  const q = withValue("", "session", session);
  return (
    <ol class="timeline" aria-label="Logs of the session, oldest first">
      {hits.map((hit, index) => {
        const before = hits[index - 1];
        const gap = before === undefined ? 0 : timeOf(hit) - timeOf(before);
        return (
          <Fragment key={toLogKey(hit)}>
            {gap >= GAP_MS && <li class="timeline-gap">no logs for {formatDuration(gap)}</li>}
            {isNewView(hit, before) && (
              <li class="timeline-view">
                <span class="visually-hidden">Page </span>
                <UntrustedText text={pageOf(hit) ?? "another page"} max={160} />
              </li>
            )}
            <li class="timeline-event" data-severity={hit.document.severity?.text}>
              <span class="timeline-offset">+{formatDuration(timeOf(hit) - start)}</span>
              <Timestamp ms={Date.parse(hit.document["@timestamp"])} />
              <SeverityBadge severity={hit.document.severity?.text} />
              <Link
                to={{ view: "logs", event: toLogKey(hit), filter: { q, from: "", to: "", app: "", severity: "trace" } }}
              >
                <UntrustedText text={toEventTitle(hit.document)} max={300} />
              </Link>
            </li>
          </Fragment>
        );
      })}
    </ol>
  );
};
