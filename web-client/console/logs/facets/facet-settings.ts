/** Which facets are shown next to the list, and which of them are open. Stored in this browser. */
import { signal } from "@preact/signals";
import { FACETS } from "#contract/api/facets.ts";
import { MAX_FACET_FIELDS } from "#contract/wire/limits.ts";
import { writePreference, readPreference } from "../../lib/preferences.ts";
import { PHONE_QUERY } from "../../lib/use-media.ts";

const OPEN_KEY = "edgelog.openFacets";
const ADDED_KEY = "edgelog.addedFacets";
const SHOWN_KEY = "edgelog.facets";

/** Fields that the sidebar lists for every reader. */
const DEFAULT_FACETS = FACETS.filter(({ sidebar }) => sidebar !== undefined).map(({ name }) => name);
const OPEN_BY_DEFAULT = FACETS.filter(({ sidebar }) => sidebar === "open").map(({ name }) => name);

const readNames = (key: string): readonly string[] | undefined => {
  try {
    const names: unknown = JSON.parse(readPreference(key) ?? "null");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : undefined;
  } catch {
    // Not valid JSON: use the defaults.
    return undefined;
  }
};

/** Fields that the user added. */
export const addedFacets = signal(readNames(ADDED_KEY) ?? []);
export const openFacets = signal(readNames(OPEN_KEY) ?? OPEN_BY_DEFAULT);
export const areFacetsOpen = signal(!matchMedia(PHONE_QUERY).matches && readPreference(SHOWN_KEY) !== "no");

export const allFacets = (): readonly string[] => [...DEFAULT_FACETS, ...addedFacets.value];

const setOpen = (names: readonly string[]): void => {
  openFacets.value = names;
  writePreference(OPEN_KEY, JSON.stringify(names));
};

const setAdded = (names: readonly string[]): void => {
  addedFacets.value = names;
  writePreference(ADDED_KEY, JSON.stringify(names));
};

export const setFacetOpen = (name: string, isOpen: boolean): void => {
  const others = openFacets.value.filter((other) => other !== name);
  // One request can have this many facet fields: close the ones that were opened first.
  setOpen(isOpen ? [...others, name].slice(-MAX_FACET_FIELDS) : others);
};

export const addFacet = (name: string): void => {
  if (!allFacets().includes(name)) setAdded([...addedFacets.value, name]);
  setFacetOpen(name, true);
};

export const removeFacet = (name: string): void => {
  setAdded(addedFacets.value.filter((other) => other !== name));
  setFacetOpen(name, false);
};

export const toggleFacets = (): void => {
  areFacetsOpen.value = !areFacetsOpen.value;
  if (!matchMedia(PHONE_QUERY).matches) writePreference(SHOWN_KEY, areFacetsOpen.value ? "yes" : "no");
};
