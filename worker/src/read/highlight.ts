/**
 * Where a query's words stand in a text. OpenSearch marks them in a copy of it; what comes out of here are places, so
 * that no page ever has to take marks out of a text that somebody else wrote.
 */
import type { Highlight, SearchHit } from "#contract/api/search.ts";
import { readField } from "#contract/query/fields.ts";

/** Two characters of the private use area. A text may hold them: `toRanges` tells them from marks. */
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

/** Walks both texts: what stands in the marked one and not in the other is a mark. */
export const toRanges = (text: string, marked: string): [number, number][] => {
  const ranges: [number, number][] = [];
  let start = -1;
  let position = 0;
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
