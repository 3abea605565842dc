import { filter, toParams, type Filter } from "../address.ts";
import { isQueryValid } from "../filter/filter-bar.tsx";

/** A route of the read API with the present filter; `undefined` while its query can't be read. */
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
