import type { JSX } from "preact";
import { readField } from "#contract/query/fields.ts";
import type { SearchHit } from "#contract/api/search.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { UntrustedText } from "../../components/untrusted-text.tsx";
import { Link } from "../../components/link.tsx";
import { Timestamp } from "../../components/timestamp.tsx";
import { SeverityBadge } from "../../components/severity-badge.tsx";
import { now, formatRelativeTime } from "../../lib/format-time.ts";
import { toCurlCommand } from "../../lib/to-curl-command.ts";

interface DetailHeadProps {
  readonly hit: SearchHit | undefined;
  readonly id: string;
  readonly onClose: () => void;
  readonly onMove: (step: number) => void;
}

/** Header of the detail panel: severity, time, app and actions. */
export const DetailHead = ({ hit, id, onClose, onMove }: DetailHeadProps): JSX.Element => {
  const ms = Date.parse(hit?.document["@timestamp"] ?? "");
  const session = hit && readField(hit.document, "session.id");
  return (
    <header class="detail-head">
      <div class="detail-title">
        {hit && <SeverityBadge severity={hit.document.severity?.text} />}
        <h2>{Number.isNaN(ms) ? "Log" : <Timestamp ms={ms} isExact />}</h2>
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
          <span class="detail-origin muted small">
            {Number.isNaN(ms) ? "" : formatRelativeTime(ms, now.value)} ·{" "}
            <UntrustedText text={hit.document.edgelog?.app} max={64} />
          </span>
          <span class="spacer" />
          {typeof session === "string" && session !== "" && (
            <Link class="button quiet" to={{ view: "session", session }}>
              Session
            </Link>
          )}
          <CopyButton class="button quiet" text={() => JSON.stringify(hit.document, undefined, 2)}>
            Copy JSON
          </CopyButton>
          <CopyButton
            class="button quiet"
            text={() =>
              toCurlCommand(`/search?${new URLSearchParams({ q: `id:${id}`, app: hit.document.edgelog.app })}`)
            }
          >
            Copy curl
          </CopyButton>
          <CopyButton class="button quiet" text={() => location.href}>
            Copy link
          </CopyButton>
        </div>
      )}
    </header>
  );
};
