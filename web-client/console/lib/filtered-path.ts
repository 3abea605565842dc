import { filter, toParams, type Filter } from "../address.ts";
import { isQueryValid } from "../filter/filter-bar.tsx";

/** A read API path with the current filter; `undefined` while the query is invalid. */
export const toFilteredPath = (
  route: string,
  more: Readonly<Record<string, string>> = {},
  change: Partial<Filter> = {},
): string | undefined => {
  if (!isQueryValid()) return undefined;
  const params = toParams({ ...filter.value, ...change });
  for (const [name, value] of Object.entries(more)) params.set(name, value);
  return `${route}?${params}`;
};
