/**
 * Names for completion: the known fields, and the attributes that the newest logs have.
 */
import * as z from "zod";
import { SEARCH_FIELDS } from "#contract/query/fields.ts";
import type { FieldInfo } from "#contract/api/statistics.ts";
import { readValueTerm, VALUES_FIELD } from "#contract/store/value-terms.ts";
import type { Clause } from "../query/clauses.ts";
import { allOf, exists } from "../query/clauses.ts";
import { ask, searchPath } from "./run-search.ts";
import type { StoreClient } from "../opensearch/client.ts";

const SAMPLED_LOGS = 500;
const MOST_ATTRIBUTES = 500;

const answerSchema = z.object({
  hits: z.object({
    hits: z.array(z.object({ fields: z.record(z.string(), z.array(z.string())).default({}) })),
  }),
});

const KNOWN: readonly FieldInfo[] = SEARCH_FIELDS.map(({ name, kind, aliases }) => ({
  name,
  kind,
  aliases: [...aliases],
  isAttribute: false,
}));

export const readFields = async (client: StoreClient, clause: Clause): Promise<FieldInfo[]> => {
  const answer = await ask(
    client,
    searchPath(),
    {
      size: SAMPLED_LOGS,
      sort: [{ "@timestamp": "desc" }],
      track_total_hits: false,
      _source: false,
      docvalue_fields: [VALUES_FIELD],
      query: allOf([clause, exists(VALUES_FIELD)]),
    },
    answerSchema,
  );
  const kinds = new Map<string, FieldInfo["kind"]>();
  for (const { fields } of answer.hits.hits) {
    for (const term of fields[VALUES_FIELD] ?? []) {
      const read = readValueTerm(term);
      if (read === undefined || (kinds.size >= MOST_ATTRIBUTES && !kinds.has(read.name))) continue;
      const kind = typeof read.value === "number" ? "number" : "keyword";
      kinds.set(read.name, kinds.get(read.name) === "keyword" ? "keyword" : kind);
    }
  }
  const attributes = [...kinds].map(([name, kind]) => ({ name, kind, aliases: [], isAttribute: true }));
  return [...KNOWN, ...attributes.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
};
