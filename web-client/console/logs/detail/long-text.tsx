import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { visibleText } from "../../../shared/visible-text.ts";
import { formatCount } from "../../lib/format-number.ts";

interface LongTextProps {
  /** From a log. */
  readonly text: string;
  readonly label: string;
  readonly class?: string;
}

/** Text beyond this length is collapsed at first; UTF-16 code units. */
const COLLAPSED_LENGTH = 6_000;

/** Untrusted multi-line text; a very long one is collapsed. */
export const LongText = ({ text, label, class: name = "" }: LongTextProps): JSX.Element => {
  const [isExpanded, setExpanded] = useState(false);
  const isLong = text.length > COLLAPSED_LENGTH;
  return (
    <>
      <pre class={`untrusted ${name}`} dir="auto" tabIndex={0} aria-label={label}>
        {visibleText(text, isExpanded ? undefined : COLLAPSED_LENGTH)}
      </pre>
      {isLong && !isExpanded && (
        <button class="button quiet" type="button" onClick={() => setExpanded(true)}>
          Show all {formatCount(text.length)} characters
        </button>
      )}
    </>
  );
};
