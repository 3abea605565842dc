import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { readField } from "../../../../contract/fields.ts";
import type { SearchHit } from "../../../../contract/search.ts";
import { Foreign } from "../../parts/foreign.tsx";
import { Link } from "../../parts/link.tsx";
import { Moment } from "../../parts/moment.tsx";
import { SeverityBadge } from "../../parts/severity-badge.tsx";
import { now, toDistance } from "../../parts/times.ts";
import { toCurlCommand } from "../to-curl-command.ts";

interface DetailHeadProps {
  readonly hit: SearchHit | undefined;
  readonly id: string;
  readonly onClose: () => void;
  readonly onMove: (step: number) => void;
}

const SAID_MS = 2_000;

/** When, how bad, from which app; and what can be done with it. */
export const DetailHead = ({ hit, id, onClose, onMove }: DetailHeadProps): JSX.Element => {
  const [said, setSaid] = useState("");
  const copy = async (text: string, what: string): Promise<void> => {
    const isDone = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    setSaid(isDone ? `${what} copied` : "The browser does not allow to copy.");
    setTimeout(() => setSaid(""), SAID_MS);
  };
  const ms = Date.parse(hit?.document["@timestamp"] ?? "");
  const session = hit && readField(hit.document, "session.id");
  return (
    <header class="detail-head">
      <div class="detail-title">
        {hit && <SeverityBadge severity={hit.document.severity?.text} />}
        <h2>{Number.isNaN(ms) ? "Log" : <Moment ms={ms} isExact />}</h2>
        <span class="spacer" />
        <button class="icon-button" type="button" aria-label="Next log" title="Next ( j )" onClick={() => onMove(1)}>
          ↓
        </button>
        <button
          class="icon-button"
          type="button"
          aria-label="Previous log"
          title="Previous ( k )"
          onClick={() => onMove(-1)}
        >
          ↑
        </button>
        <button class="icon-button" type="button" aria-label="Close" title="Close ( Esc )" onClick={onClose}>
          ×
        </button>
      </div>
      {hit && (
        <div class="detail-actions">
          <span class="detail-whence muted small">
            {Number.isNaN(ms) ? "" : toDistance(ms, now.value)} · <Foreign text={hit.document.edgelog?.app} max={64} />
          </span>
          <span class="spacer" />
          {typeof session === "string" && session !== "" && (
            <Link class="button quiet" to={{ view: "session", session }}>
              Session
            </Link>
          )}
          <button
            class="button quiet"
            type="button"
            onClick={() => void copy(JSON.stringify(hit.document, undefined, 2), "JSON")}
          >
            Copy JSON
          </button>
          <button
            class="button quiet"
            type="button"
            onClick={() =>
              void copy(toCurlCommand(`/search?${new URLSearchParams({ q: `id:${id}` })}`), "curl command")
            }
          >
            Copy curl
          </button>
          <button class="button quiet" type="button" onClick={() => void copy(location.href, "Link")}>
            Copy link
          </button>
        </div>
      )}
      <p class="detail-said small" role="status">
        {said}
      </p>
    </header>
  );
};
