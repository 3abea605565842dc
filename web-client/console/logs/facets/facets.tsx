import type { JSX } from "preact";
import type { FacetsResponse } from "#contract/api/statistics.ts";
import { filter, toParams } from "../../address.ts";
import { useFetch } from "../../api/use-fetch.ts";
import { isQueryValid } from "../../filter/filter-bar.tsx";
import { AddFieldForm } from "../../components/add-field-form.tsx";
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

/** Most frequent values of fields. A click includes or excludes a value. */
export const Facets = ({ onClose }: FacetsProps): JSX.Element => {
  const names = allFacets();
  const open = openFacets.value.filter((name) => names.includes(name));
  const params = toParams(filter.value);
  params.set("size", String(TOP_VALUES));
  for (const name of open.toSorted()) params.append("field", name);
  const path = open.length > 0 && isQueryValid() ? `/facets?${params}` : undefined;
  const { answer, failure } = useFetch<FacetsResponse>(path, {
    refreshMs: isLive.value ? REFRESH_MS : undefined,
  });
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
        <FacetGroup
          key={name}
          name={name}
          facet={answer?.facets.find(({ field }) => field === name)}
          total={answer?.total ?? 0}
          isOpen={open.includes(name)}
          isAdded={added.includes(name)}
        />
      ))}
      <AddFieldForm id="facet-names" label="Add a field" onAdd={addFacet} />
    </aside>
  );
};
