import type { JSX } from "preact";
import { readField } from "#contract/query/fields.ts";
import type { SearchHit } from "#contract/api/search.ts";
import { toLogKey } from "../lib/log-key.ts";
import { UntrustedText } from "./untrusted-text.tsx";
import { Link } from "./link.tsx";
import { SeverityBadge } from "./severity-badge.tsx";
import { Timestamp } from "./timestamp.tsx";
import "./event-list.css";

/** Type and message of the exception; the log message if there is no exception. */
export const toEventTitle = (document: SearchHit["document"]): string => {
  const type = readField(document, "exception.type");
  const message = readField(document, "exception.message") ?? (type === undefined ? document.body : undefined);
  return [type, message].filter((text) => typeof text === "string" && text !== "").join(": ") || String(document.body);
};

/** A list of logs, one line each, with links to the logs page. */
export const EventList = ({
  hits,
  label,
}: {
  readonly hits: readonly SearchHit[];
  readonly label: string;
}): JSX.Element => (
  <ol class="event-list" aria-label={label}>
    {hits.map((hit) => (
      <li key={toLogKey(hit)}>
        <Timestamp ms={Date.parse(hit.document["@timestamp"])} />
        <SeverityBadge severity={hit.document.severity?.text} />
        <Link to={{ view: "logs", event: toLogKey(hit) }}>
          <UntrustedText text={toEventTitle(hit.document)} max={200} />
        </Link>
        <UntrustedText text={hit.document.edgelog?.app ?? ""} max={64} class="event-list-app" />
      </li>
    ))}
  </ol>
);
