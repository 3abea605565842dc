import type { NewDocument } from "../../src/opensearch/bulk-create.ts";

/** The id of the event in a log's document. */
export const eventIdOf = ({ source }: NewDocument): string =>
  (JSON.parse(source) as { readonly log?: { readonly record: { readonly uid: string } } }).log?.record.uid ?? "";
