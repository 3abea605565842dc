/**
 * Field names for completion: the known fields, and the attributes of the newest logs.
 */
import * as z from "zod";
import { SEARCH_FIELDS, findField, toAttributePath } from "#contract/query/fields.ts";
import type { FieldInfo } from "#contract/api/statistics.ts";
import { readValueTerm, VALUES_FIELD } from "#contract/store/value-terms.ts";
import type { Clause } from "../query/clauses.ts";
import { allOf, exists } from "../query/clauses.ts";
import type { StoreClient } from "../opensearch/client.ts";
import { searchWithin, withFittingSize } from "../opensearch/search.ts";

const SAMPLED_LOGS = 500;
const MAX_SAMPLE_BYTES = 4_194_304;
const MAX_ATTRIBUTES = 500;

const responseSchema = z.object({
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

/** The full path of an attribute whose name starts like a path, or is that of a field: the name alone would be read as these. */
const toSearchName = (name: string): string =>
  toAttributePath(name).name === name && findField(name) === undefined ? name : `attributes.${name}`;

/** The values of the newest logs, of fewer if they are too large. */
const fetchSample = (client: StoreClient, clause: Clause): Promise<z.output<typeof responseSchema>> =>
  withFittingSize(SAMPLED_LOGS, (size) => {
    const body = {
      size,
      sort: [{ "@timestamp": "desc" }],
      track_total_hits: false,
      _source: false,
      docvalue_fields: [VALUES_FIELD],
      query: allOf([clause, exists(VALUES_FIELD)]),
    };
    return searchWithin(client, MAX_SAMPLE_BYTES, body, responseSchema);
  });

/** Known fields first, then attributes by name. Only the attributes of the newest 500 logs are found, at most. */
export const fetchFields = async (client: StoreClient, clause: Clause): Promise<FieldInfo[]> => {
  const response = await fetchSample(client, clause);
  const kinds = new Map<string, FieldInfo["kind"]>();
  for (const { fields } of response.hits.hits) {
    for (const term of fields[VALUES_FIELD] ?? []) {
      const attribute = readValueTerm(term);
      if (attribute === undefined) continue;
      const { isNumber } = attribute;
      const name = toSearchName(attribute.name);
      if (kinds.size >= MAX_ATTRIBUTES && !kinds.has(name)) continue;
      // An attribute with both numbers and text is text.
      const kind = isNumber && kinds.get(name) !== "keyword" ? "number" : "keyword";
      kinds.set(name, kind);
    }
  }
  const attributes = [...kinds].map(([name, kind]) => ({ name, kind, aliases: [], isAttribute: true }));
  return [...KNOWN, ...attributes.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
};
