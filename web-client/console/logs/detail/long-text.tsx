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

/** UTF-16 code units that are shown at first. */
const MAX_AT_FIRST = 6_000;

/** A stranger's text of many lines; a very long one wholly on demand only. */
export const LongText = ({ text, label, class: name = "" }: LongTextProps): JSX.Element => {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > MAX_AT_FIRST;
  return (
    <>
      <pre class={`untrusted ${name}`} dir="auto" tabIndex={0} aria-label={label}>
        {visibleText(text, isWhole ? undefined : MAX_AT_FIRST)}
      </pre>
      {isLong && !isWhole && (
        <button class="button quiet" type="button" onClick={() => setWhole(true)}>
          Show all {formatCount(text.length)} characters
        </button>
      )}
    </>
  );
};
