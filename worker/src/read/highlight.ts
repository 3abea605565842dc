/**
 * Positions of a query's words in a text. OpenSearch returns a copy of the text with marks around the words. The marks are
 * converted to positions here, so that a page never has to separate marks from untrusted text.
 */
import type { Highlight, SearchHit } from "#contract/api/search.ts";
import { readField } from "#contract/query/fields.ts";

/** Characters of the private use area. A text may contain them too; `toRanges` distinguishes them from marks. */
const OPEN = "\ue000";
const CLOSE = "\ue001";

const FIELDS = ["body", "exception.message"] as const;

export const HIGHLIGHT = {
  pre_tags: [OPEN],
  post_tags: [CLOSE],
  number_of_fragments: 0,
  require_field_match: true,
  fields: Object.fromEntries(FIELDS.map((field) => [field, {}])),
} as const;

/** Number of characters that OpenSearch removes from the start of a highlighted text: spaces and controls (Java's `trim`). */
const countTrimmed = (text: string, marked: string): number => {
  if (marked.charAt(0) === text.charAt(0)) return 0;
  let count = 0;
  while (count < text.length && text.charCodeAt(count) <= 0x20) count += 1;
  return count;
};

/** Compares both texts: a character that is only in `marked` is a mark. Ranges are in UTF-16 code units, end exclusive. */
export const toRanges = (text: string, marked: string): [number, number][] => {
  const ranges: [number, number][] = [];
  let start = -1;
  let position = countTrimmed(text, marked);
  for (const unit of marked.split("")) {
    if (unit === OPEN && text[position] !== OPEN && start === -1) start = position;
    else if (unit === CLOSE && text[position] !== CLOSE && start !== -1) {
      ranges.push([start, position]);
      start = -1;
    } else position += 1;
  }
  return ranges;
};

export const toHighlights = (
  document: SearchHit["document"],
  highlight: Readonly<Record<string, readonly string[]>> | undefined,
): Highlight[] =>
  FIELDS.flatMap((field) => {
    const [marked] = highlight?.[field] ?? [];
    const text = readField(document, field);
    return marked === undefined || typeof text !== "string" ? [] : [{ field, ranges: toRanges(text, marked) }];
  });
