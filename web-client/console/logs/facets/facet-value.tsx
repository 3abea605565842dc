import type { JSX } from "preact";
import type { FacetValue } from "#contract/api/statistics.ts";
import { visibleText } from "../../../shared/visible-text.ts";
import { filter, navigate } from "../../address.ts";
import { hasValue, toggleValue } from "../../lib/edit-query.ts";
import { formatCompactCount, formatCount } from "../../lib/format-number.ts";

interface FacetValueRowProps {
  readonly field: string;
  readonly value: FacetValue;
  /** Count relative to that of the most frequent value, 0 to 1. */
  readonly share: number;
}

/** A value with its count. A click includes it; Alt+click or the second button excludes it. */
export const FacetValueRow = ({ field, value: { value, count }, share }: FacetValueRowProps): JSX.Element => {
  const { q } = filter.value;
  const text = value === "" ? "(empty)" : visibleText(value, 60);
  return (
    <li class="facet-value" data-level={field === "level" ? value : undefined}>
      <button
        class="facet-for"
        type="button"
        aria-pressed={hasValue(q, field, value, "include")}
        title={`${visibleText(value, 300)}: ${formatCount(count)}`}
        onClick={({ altKey }) =>
          navigate({ filter: { q: toggleValue(q, field, value, altKey ? "exclude" : "include") } })
        }
      >
        <span class="facet-bar" style={{ width: `${Math.max(1, share * 100)}%` }} />
        <span class="facet-text untrusted">{text}</span>
        <span class="facet-count">{formatCompactCount(count)}</span>
      </button>
      <button
        class="icon-button"
        type="button"
        aria-pressed={hasValue(q, field, value, "exclude")}
        aria-label={`Exclude ${text}`}
        title="Exclude"
        onClick={() => navigate({ filter: { q: toggleValue(q, field, value, "exclude") } })}
      >
        −
      </button>
    </li>
  );
};
