import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ContextGrouping, ContextResponse, SearchHit } from "#contract/api/search.ts";
import { useFetch } from "../../api/use-fetch.ts";
import { parseLogKey, toLogKey } from "../../lib/log-key.ts";
import { NARROW_QUERY, useMedia } from "../../lib/use-media.ts";
import type { LogRow } from "../feed/log-row.ts";
import { ContextList } from "./context-list.tsx";
import { DetailHead } from "./detail-head.tsx";
import { ExceptionView } from "../../components/exception-view.tsx";
import { LongText } from "./long-text.tsx";
import { FieldTree } from "./field-tree.tsx";
import "./log-detail.css";

interface LogDetailProps {
  /** See log-key.ts. */
  readonly logKey: string;
  /** The row of this log, if the list has loaded it. */
  readonly row: LogRow | undefined;
  readonly onClose: () => void;
  readonly onMove: (step: number) => void;
}

/** Number of logs that are loaded before this log, and after it. */
const CONTEXT_SIZE = 15;
const EVENT_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Detail panel of one log: next to the list, or on top of it on a narrow screen. */
export const LogDetail = ({ logKey, row, onClose, onMove }: LogDetailProps): JSX.Element => {
  const panel = useRef<HTMLElement>(null);
  const [isContextOpen, setContextOpen] = useState(false);
  const isSheet = useMedia(NARROW_QUERY);
  const { id, app } = parseLogKey(logKey);
  const isValidId = EVENT_ID.test(id);
  const mustFetch = isValidId && (isContextOpen || row === undefined);
  const [chosen, setChosen] = useState<ContextGrouping | undefined>(undefined);
  /** A log without an id of the chosen kind: it is shown with the default. */
  const [lacking, setLacking] = useState("");
  const by = lacking === logKey ? undefined : chosen;
  const { answer, isStale, failure } = useFetch<ContextResponse>(
    mustFetch
      ? `/context?${new URLSearchParams({
          id: id.toLowerCase(),
          limit: String(CONTEXT_SIZE),
          ...(app !== undefined && { app }),
          ...(by !== undefined && { by }),
        })}`
      : undefined,
  );
  const isOther = isStale && answer !== undefined && toLogKey(answer.event) !== logKey;
  useEffect(() => {
    if (!isStale && answer !== undefined && answer.by === undefined) setLacking(logKey);
  }, [answer, isStale, logKey]);
  const hit: SearchHit | undefined = row ?? (isStale ? undefined : answer?.event);
  useEffect(() => {
    if (isSheet) panel.current?.focus();
  }, [isSheet]);
  useEffect(() => {
    panel.current?.scrollTo(0, 0);
  }, [logKey]);

  return (
    <aside class="log-detail" ref={panel} aria-label="Log" tabIndex={-1}>
      <DetailHead hit={hit} id={id} onClose={onClose} onMove={onMove} />
      {hit === undefined && (
        <p class="detail-state muted" role="status">
          {isValidId ? (failure?.message ?? "Loading…") : "Event not found."}
        </p>
      )}
      {hit !== undefined && (
        <div class="detail-body">
          <LongText key={logKey} class="detail-message" text={String(hit.document.body)} label="Message" />
          <ExceptionView key={`exception ${logKey}`} log={hit.document} />
          <section>
            <h3>Fields</h3>
            <FieldTree log={hit.document} />
          </section>
          <details
            class="context"
            open={isContextOpen}
            onToggle={({ currentTarget: { open } }) => setContextOpen(open)}
          >
            <summary>
              <h3>Surrounding logs</h3>
            </summary>
            {isContextOpen && (
              <ContextList
                answer={isOther ? undefined : answer}
                failure={failure?.message}
                lacking={lacking === logKey ? chosen : undefined}
                onGrouping={(grouping) => {
                  setChosen(grouping);
                  setLacking("");
                }}
              />
            )}
          </details>
        </div>
      )}
    </aside>
  );
};
