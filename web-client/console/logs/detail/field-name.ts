/** By which name the query language knows a value of a document. */
import { SEARCH_FIELDS, findField, type SearchField } from "#contract/query/fields.ts";

const BY_PATH: ReadonlyMap<string, SearchField> = new Map(
  SEARCH_FIELDS.toReversed()
    // A name that looks into several places does not mean this one.
    .filter(({ paths }) => paths.length === 1)
    .map((field) => [field.paths[0], field]),
);

const MAPS = ["attributes", "resource.attributes"] as const;

/** `undefined` for what can't be searched for by its value. */
export const toFieldName = (path: readonly string[]): string | undefined => {
  const whole = path.join(".");
  const field = BY_PATH.get(whole);
  if (field !== undefined) return field.kind === "date" ? undefined : field.name;
  const map = MAPS.find((name) => whole.startsWith(`${name}.`));
  if (map === undefined) return undefined;
  const name = whole.slice(map.length + 1);
  if (name === "") return undefined;
  return map === "attributes" && findField(name) === undefined ? name : whole;
};
