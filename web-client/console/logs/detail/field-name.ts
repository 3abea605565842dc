/** Maps paths in a document to field names of the query language. */
import { SEARCH_FIELDS, findField, toAttributePath, type SearchField } from "#contract/query/fields.ts";

const BY_PATH: ReadonlyMap<string, SearchField> = new Map(
  SEARCH_FIELDS.toReversed()
    // A name for several paths cannot replace one of them: a search for it also matches the others.
    .filter(({ paths }) => paths.length === 1)
    .map((field) => [field.paths[0], field]),
);

const MAPS = ["attributes", "resource.attributes"] as const;

/** A path in a document. The position in a list, a number, is not part of a field's name. */
export type FieldPath = readonly (string | number)[];

/** Field name for a path; `undefined` if the field cannot be searched by value. */
export const toFieldName = (path: FieldPath): string | undefined => {
  const joined = path.filter((key) => typeof key === "string").join(".");
  const field = BY_PATH.get(joined);
  if (field !== undefined) return field.kind === "date" ? undefined : field.name;
  const map = MAPS.find((name) => joined.startsWith(`${name}.`));
  if (map === undefined) return undefined;
  const name = joined.slice(map.length + 1);
  if (name === "") return undefined;
  const isShort = map === "attributes" && findField(name) === undefined && toAttributePath(name).name === name;
  return isShort ? name : joined;
};
