import type { JSX } from "preact";
import { visibleText } from "../../../shared/visible-text.ts";

interface HighlightedTextProps {
  /** From a log. */
  readonly text: string;
  /** Start and end of the matches, sorted; UTF-16 code units. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly max: number;
}

/** Untrusted text with the search matches marked. */
export const HighlightedText = ({ text, ranges, max }: HighlightedTextProps): JSX.Element => {
  const parts: (JSX.Element | string)[] = [];
  let at = 0;
  for (const [start, end] of ranges) {
    if (start < at || end > Math.min(max, text.length)) continue;
    parts.push(visibleText(text.slice(at, start)), <mark key={start}>{visibleText(text.slice(start, end))}</mark>);
    at = end;
  }
  parts.push(visibleText(text.slice(at), Math.max(0, max - at)));
  return (
    <span class="untrusted" dir="auto">
      {parts}
    </span>
  );
};
