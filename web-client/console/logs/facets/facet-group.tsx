import type { JSX } from "preact";
import { FACETS } from "#contract/api/facets.ts";
import type { Facet } from "#contract/api/statistics.ts";
import { visibleText } from "../../../shared/visible-text.ts";
import { formatCompactCount, formatCount, formatValue } from "../../lib/format-number.ts";
import { removeFacet, setFacetOpen } from "./facet-settings.ts";
import { FacetValueRow } from "./facet-value.tsx";

interface FacetGroupProps {
  /** Field name of the query language. */
  readonly name: string;
  readonly facet: Facet | undefined;
  /** Number of matching logs. */
  readonly total: number;
  readonly isOpen: boolean;
  readonly isAdded: boolean;
}

const LABELS: ReadonlyMap<string, string> = new Map(FACETS.map(({ name, label }) => [name, label]));

/** One field: its most frequent values, and statistics if they are numbers. */
export const FacetGroup = ({ name, facet, total, isOpen, isAdded }: FacetGroupProps): JSX.Element => {
  const title = LABELS.get(name) ?? visibleText(name, 40);
  const numbers = facet?.numbers;
  const most = Math.max(1, ...(facet?.values.map(({ count }) => count) ?? []));
  return (
    <details
      class="facet"
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => {
        if (open !== isOpen) setFacetOpen(name, open);
      }}
    >
      <summary>
        <span class="untrusted">{title}</span>
        {facet?.distinct !== undefined && facet.distinct > facet.values.length && (
          <span class="facet-distinct">{formatCompactCount(facet.distinct)}</span>
        )}
      </summary>
      {isOpen && facet === undefined && <span class="facet-loading" />}
      {numbers !== undefined && numbers.count > 0 && name !== "status" && (
        <p class="facet-numbers" title={numbers.isSampled ? "Percentiles are estimated from a sample." : undefined}>
          {(["min", "p50", "p95", "max"] as const).map((key) => (
            <span key={key}>
              {key} {numbers.isSampled && key.startsWith("p") && "≈ "}
              <b>{formatValue(numbers[key])}</b>
            </span>
          ))}
        </p>
      )}
      {facet !== undefined && facet.values.length === 0 && <p class="facet-empty">No values</p>}
      {facet !== undefined && facet.values.length > 0 && (
        <ul>
          {facet.values.map((value) => (
            <FacetValueRow key={value.value} field={name} value={value} share={value.count / most} />
          ))}
        </ul>
      )}
      {facet !== undefined && facet.missing > 0 && facet.missing < total && (
        <p class="facet-empty">{formatCount(facet.missing)} without this field</p>
      )}
      {isAdded && (
        <button class="button quiet small" type="button" onClick={() => removeFacet(name)}>
          Remove field
        </button>
      )}
    </details>
  );
};
