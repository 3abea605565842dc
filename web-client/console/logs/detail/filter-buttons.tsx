import type { JSX } from "preact";
import { visibleText } from "../../../shared/visible-text.ts";
import { filter } from "../../address.ts";
import { canFilter, hasTerm, toTerm, toggleFilter, type Stance } from "../../filter/terms.ts";

interface FilterButtonsProps {
  /** Of the query language. */
  readonly field: string;
  readonly value: string;
}

const SIGNS = { for: "+", against: "−" } as const;

/** Filters for or against a value. */
export const FilterButtons = ({ field, value }: FilterButtonsProps): JSX.Element | null => {
  if (!canFilter(value) || !canFilter(field)) return null;
  const { q } = filter.value;
  const name = `${visibleText(field, 40)}: ${visibleText(value, 60)}`;
  return (
    <span class="filter-buttons">
      {(["for", "against"] satisfies Stance[]).map((stance) => (
        <button
          key={stance}
          class="icon-button"
          type="button"
          aria-label={`Filter ${stance} ${name}`}
          title={`Filter ${stance} it`}
          aria-pressed={hasTerm(q, toTerm(field, value, stance))}
          onClick={() => toggleFilter(field, value, stance)}
        >
          {SIGNS[stance]}
        </button>
      ))}
    </span>
  );
};
