import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { joinList } from "#contract/api/list-param.ts";
import type { Facet, FacetsResponse } from "#contract/api/statistics.ts";
import { filter, toParams } from "../../address.ts";
import { useFetch, type FetchState } from "../../api/use-fetch.ts";
import { isQueryValid } from "../../filter/filter-bar.tsx";
import { AddFieldForm } from "../../components/add-field-form.tsx";
import { withoutIncluded } from "../../lib/edit-query.ts";
import { isLive } from "../live-button.tsx";
import { addFacet, addedFacets, allFacets, openFacets } from "./facet-settings.ts";
import { FacetGroup } from "./facet-group.tsx";
import "./facets.css";

interface FacetsProps {
  /** Set if the facets cover the list, as on a phone. */
  readonly onClose: (() => void) | undefined;
}

const TOP_VALUES = 8;
/** Longer than for the list: each refresh counts all logs of the time range. */
const REFRESH_MS = 30_000;

/** Loads the values of fields for a query with the rest of the current filter. */
const useFacets = (q: string, names: readonly string[]): FetchState<FacetsResponse> => {
  const params = toParams({ ...filter.value, q });
  params.set("size", String(TOP_VALUES));
  for (const name of names.toSorted()) params.append("field", joinList([name]));
  const path = names.length > 0 && isQueryValid() ? `/facets?${params}` : undefined;
  return useFetch<FacetsResponse>(path, { refreshMs: isLive.value ? REFRESH_MS : undefined });
};

const facetOf = (answer: FacetsResponse | undefined, name: string): { facet: Facet | undefined; total: number } => ({
  facet: answer?.facets.find(({ field }) => field === name),
  total: answer?.total ?? 0,
});

interface LoadedFacetGroupProps {
  readonly name: string;
  readonly isOpen: boolean;
  readonly isAdded: boolean;
  /** The response for the fields that the query does not restrict. */
  readonly answer: FacetsResponse | undefined;
  /** The query without the values of this field, if the query includes some of them. */
  readonly q: string | undefined;
}

/** A field. If the query includes some of its values, all are listed, so that several can be chosen. */
const LoadedFacetGroup = ({ answer, q, ...group }: LoadedFacetGroupProps): JSX.Element => {
  const restricted = useFacets(q ?? "", group.isOpen && q !== undefined ? [group.name] : []);
  const loaded = facetOf(q === undefined ? answer : restricted.answer, group.name);
  // Between the two requests the values stay in the document, and with them the focus.
  const last = useRef(loaded);
  if (loaded.facet !== undefined || !group.isOpen) last.current = loaded;
  return <FacetGroup {...group} {...last.current} />;
};

/** Most frequent values of fields. A click includes or excludes a value. */
export const Facets = ({ onClose }: FacetsProps): JSX.Element => {
  const names = allFacets();
  const open = openFacets.value.filter((name) => names.includes(name));
  const { q } = filter.value;
  // The other values of a field that is restricted to some of its values remain selectable.
  const isRestricted = (name: string): boolean => withoutIncluded(q, name) !== q;
  const { answer, failure } = useFacets(
    q,
    open.filter((name) => !isRestricted(name)),
  );
  const added = addedFacets.value;

  return (
    <aside class="facets" aria-label="Filters">
      {onClose && (
        <div class="facets-head">
          <h2>Filters</h2>
          <button class="button" type="button" onClick={onClose}>
            Done
          </button>
        </div>
      )}
      {failure !== undefined && <p class="small muted">{failure.message}</p>}
      {names.map((name) => (
        <LoadedFacetGroup
          key={name}
          name={name}
          isOpen={open.includes(name)}
          isAdded={added.includes(name)}
          answer={answer}
          q={isRestricted(name) ? withoutIncluded(q, name) : undefined}
        />
      ))}
      <AddFieldForm id="facet-names" label="Add a field" onAdd={addFacet} />
    </aside>
  );
};
