import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { readField } from "#contract/query/fields.ts";
import type { LogDocument } from "#contract/store/log-document.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { formatCount } from "../lib/format-number.ts";
import { UntrustedText } from "./untrusted-text.tsx";
import { FilterButtons } from "./filter-buttons.tsx";
import { parseStackTrace } from "../lib/parse-stack-trace.ts";

/** Lines of a stack trace that are shown at first. */
const MAX_LINES = 400;
const MAX_LINE = 400;
const MAX_MESSAGE = 4_000;

const readText = (log: LogDocument, name: string): string => {
  const value = readField(log, name);
  return typeof value === "string" ? value : "";
};

/** An exception: type, message, stack trace and causes. */
export const ExceptionView = ({ log }: { readonly log: LogDocument }): JSX.Element | null => {
  const type = readText(log, "exception.type");
  const message = readText(log, "exception.message");
  const [isExpanded, setExpanded] = useState(false);
  const { lines, total } = parseStackTrace(
    readText(log, "exception.stacktrace"),
    isExpanded ? Number.POSITIVE_INFINITY : MAX_LINES,
  );
  const group = log.error?.grouping_key;
  if (type === "" && message === "" && total === 0) return null;
  return (
    <section class="exception" aria-label="Exception">
      <h3>
        <UntrustedText text={type || "Exception"} max={200} />
        {type !== "" && <FilterButtons field="type" value={type} />}
      </h3>
      {message !== "" && (
        <p>
          <UntrustedText text={message} max={MAX_MESSAGE} />
        </p>
      )}
      {total > 0 && (
        <ol class="trace" tabIndex={0} aria-label="Stack trace">
          {lines.map(({ text, kind }, index) => (
            <li key={index} data-kind={kind}>
              <code class="untrusted" dir="ltr">
                {visibleText(text.trim(), MAX_LINE)}
              </code>
            </li>
          ))}
        </ol>
      )}
      {lines.length < total && (
        <button class="button quiet" type="button" onClick={() => setExpanded(true)}>
          Show all {formatCount(total)} lines
        </button>
      )}
      {typeof group === "string" && (
        <p class="small muted">
          Similar errors <FilterButtons field="group" value={group} />
        </p>
      )}
    </section>
  );
};
