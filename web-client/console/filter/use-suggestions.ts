import type { FacetsResponse, FieldInfo, FieldsResponse } from "#contract/api/statistics.ts";
import { MAX_ATTRIBUTE_KEY_LENGTH } from "#contract/wire/limits.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { filter, toParams } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { formatCount } from "../lib/format-number.ts";
import type { Completion } from "./completion.ts";

/** One option of the autocompletion. */
export interface Suggestion {
  /** Field name or value, taken from logs. */
  readonly text: string;
  /** Type of a field, or number of logs with a value. */
  readonly note: string;
}

const MAX_SUGGESTIONS = 8;
const MAX_PREFIX = 256;

const suggestFields = (fields: readonly FieldInfo[], typed: string): readonly Suggestion[] => {
  const prefix = typed.toLowerCase();
  const rank = ({ name, aliases }: FieldInfo): number => {
    if (name.toLowerCase().startsWith(prefix)) return 0;
    if (name.toLowerCase().includes(`.${prefix}`)) return 1;
    return aliases.some((alias) => alias.toLowerCase().startsWith(prefix)) ? 2 : 3;
  };
  return fields
    .map((field) => ({ field, rank: rank(field) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ field: { name, isAttribute, kind } }) => ({ text: name, note: isAttribute ? `attribute, ${kind}` : kind }));
};

/** Field names or values that start with the typed text, from all logs of the selected time range and app. */
export const useSuggestions = (completion: Completion | undefined): readonly Suggestion[] => {
  const params = toParams({ ...filter.value, q: "" });
  const isOpen = completion !== undefined;
  const { answer: fields } = useFetch<FieldsResponse>(isOpen ? `/fields?${params}` : undefined);
  const field = completion?.kind === "value" ? completion.field : undefined;
  const typed = completion?.typed ?? "";
  params.set("size", String(MAX_SUGGESTIONS));
  if (typed !== "") params.set("prefix", typed);
  const canSuggestValues =
    field !== undefined &&
    field !== "level" &&
    !field.includes(",") &&
    field.length <= MAX_ATTRIBUTE_KEY_LENGTH &&
    typed.length <= MAX_PREFIX;
  if (field !== undefined) params.set("field", field);
  const { answer: values, isStale } = useFetch<FacetsResponse>(canSuggestValues ? `/facets?${params}` : undefined);
  if (completion === undefined) return [];
  if (completion.kind === "field") return suggestFields(fields?.fields ?? [], typed).slice(0, MAX_SUGGESTIONS);
  if (field === "level") {
    return SEVERITIES.filter((name) => name.startsWith(typed.toLowerCase())).map((text) => ({ text, note: "level" }));
  }
  const facet = values?.facets[0];
  // Until the response for the typed text arrives, filter the previous one of the same field.
  return (facet?.field === field || !isStale ? (facet?.values ?? []) : [])
    .filter(({ value }) => value.startsWith(typed) || facet?.kind === "text")
    .map(({ value, count }) => ({ text: value, note: formatCount(count) }));
};
