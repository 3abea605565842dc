import type { FacetsResponse, FieldInfo, FieldsResponse } from "#contract/api/statistics.ts";
import { MAX_ATTRIBUTE_KEY_LENGTH } from "#contract/wire/limits.ts";
import { SEVERITIES } from "#contract/wire/severity.ts";
import { filter, toParams } from "../address.ts";
import { useFetch } from "../api/use-fetch.ts";
import { formatCount } from "../lib/format-number.ts";
import type { Completion } from "./completion.ts";

/** What completion offers. */
export interface Suggestion {
  /** Of a field, or of a value. From a log. */
  readonly text: string;
  /** What it is, or how often it is. */
  readonly note: string;
}

const MAX_SUGGESTIONS = 8;
const MAX_PREFIX = 256;

const suggestFields = (fields: readonly FieldInfo[], typed: string): readonly Suggestion[] => {
  const wanted = typed.toLowerCase();
  const rank = ({ name, aliases }: FieldInfo): number => {
    if (name.toLowerCase().startsWith(wanted)) return 0;
    if (name.toLowerCase().includes(`.${wanted}`)) return 1;
    return aliases.some((alias) => alias.toLowerCase().startsWith(wanted)) ? 2 : 3;
  };
  return fields
    .map((field) => ({ field, rank: rank(field) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ field: { name, isAttribute, kind } }) => ({ text: name, note: isAttribute ? `attribute, ${kind}` : kind }));
};

/** Names and values that begin as what is typed; those of the present range and app, whatever the query is. */
export const useSuggestions = (completion: Completion | undefined): readonly Suggestion[] => {
  const everything = toParams({ ...filter.value, q: "" });
  const isOpen = completion !== undefined;
  const { answer: known } = useFetch<FieldsResponse>(isOpen ? `/fields?${everything}` : undefined);
  const field = completion?.kind === "value" ? completion.field : undefined;
  const typed = completion?.typed ?? "";
  everything.set("size", String(MAX_SUGGESTIONS));
  if (typed !== "") everything.set("prefix", typed);
  const canSuggestValues =
    field !== undefined &&
    field !== "level" &&
    !field.includes(",") &&
    field.length <= MAX_ATTRIBUTE_KEY_LENGTH &&
    typed.length <= MAX_PREFIX;
  if (field !== undefined) everything.set("field", field);
  const { answer: values, isStale } = useFetch<FacetsResponse>(canSuggestValues ? `/facets?${everything}` : undefined);
  if (completion === undefined) return [];
  if (completion.kind === "field") return suggestFields(known?.fields ?? [], typed).slice(0, MAX_SUGGESTIONS);
  if (field === "level") {
    return SEVERITIES.filter((name) => name.startsWith(typed.toLowerCase())).map((text) => ({ text, note: "level" }));
  }
  const facet = values?.facets[0];
  // An answer to less than what is typed by now is better than none.
  return (facet?.field === field || !isStale ? (facet?.values ?? []) : [])
    .filter(({ value }) => value.startsWith(typed) || facet?.kind === "text")
    .map(({ value, count }) => ({ text: value, note: formatCount(count) }));
};
