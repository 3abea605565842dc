/**
 * Converts a stored document to the form that readers receive, without fields that exist for search only.
 */
import type { LogDocument } from "#contract/store/log-document.ts";
import type { SearchHit } from "#contract/api/search.ts";
import type { PageHit } from "./search-page.ts";
import { toHighlights } from "./highlight.ts";

export const toDocument = (source: Record<string, unknown>): LogDocument => {
  const { edgelog } = source;
  if (typeof edgelog === "object" && edgelog !== null && "values" in edgelog) delete edgelog.values;
  return source as LogDocument;
};

/** The id of the event. A document of another program may have no field for it. */
const toEventId = ({ log }: Partial<LogDocument>, documentId: string): string => log?.record?.uid ?? documentId;

export const toHit = ({ _id, _source, highlight }: Pick<PageHit, "_id" | "_source" | "highlight">): SearchHit => {
  const document = toDocument(_source);
  const highlights = toHighlights(document, highlight);
  return { id: toEventId(document, _id), document, ...(highlights.length === 0 ? {} : { highlights }) };
};
