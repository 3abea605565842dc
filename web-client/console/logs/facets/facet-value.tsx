import type { JSX } from "preact";
import type { FacetValue } from "#contract/api/statistics.ts";
import { visibleText } from "../../../shared/visible-text.ts";
import { filter, go } from "../../address.ts";
import { hasValue, toggleValue } from "../../parts/query-term.ts";
import { toCompact, toWhole } from "../../parts/chart-parts.ts";

interface FacetValueRowProps {
  readonly field: string;
  readonly value: FacetValue;
  /** Of the most frequent value's count; 0 to 1. */
  readonly share: number;
}

/** A value with its count: a click filters for it, alt-click or the second button against it. */
export const FacetValueRow = ({ field, value: { value, count }, share }: FacetValueRowProps): JSX.Element => {
  const { q } = filter.value;
  const text = value === "" ? "(empty)" : visibleText(value, 60);
  return (
    <li class="facet-value" data-level={field === "level" ? value : undefined}>
      <button
        class="facet-for"
        type="button"
        aria-pressed={hasValue(q, field, value, "for")}
        title={`${visibleText(value, 300)}: ${toWhole(count)}`}
        onClick={({ altKey }) => go({ filter: { q: toggleValue(q, field, value, altKey ? "against" : "for") } })}
      >
        <span class="facet-bar" style={{ width: `${Math.max(1, share * 100)}%` }} />
        <span class="facet-text foreign">{text}</span>
        <span class="facet-count">{toCompact(count)}</span>
      </button>
      <button
        class="icon-button"
        type="button"
        aria-pressed={hasValue(q, field, value, "against")}
        aria-label={`Filter against ${text}`}
        title="Filter against it"
        onClick={() => go({ filter: { q: toggleValue(q, field, value, "against") } })}
      >
        −
      </button>
    </li>
  );
};
