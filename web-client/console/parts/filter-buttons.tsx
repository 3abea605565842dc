import type { JSX } from "preact";
import { MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { filter, go } from "../address.ts";
import { hasValue, toggleValue, type Stance } from "./query-term.ts";

interface FilterButtonsProps {
  /** Of the query language. */
  readonly field: string;
  readonly value: string;
}

/** Longer ones leave no room in a query for anything else. */
const MAX_LENGTH = MAX_QUERY_LENGTH / 4;

const SIGNS = { for: "+", against: "−" } as const;

/** Filters for or against a value. */
export const FilterButtons = ({ field, value }: FilterButtonsProps): JSX.Element | null => {
  if (value.length > MAX_LENGTH || field.length > MAX_LENGTH) return null;
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
          aria-pressed={hasValue(q, field, value, stance)}
          onClick={() => go({ filter: { q: toggleValue(q, field, value, stance) } })}
        >
          {SIGNS[stance]}
        </button>
      ))}
    </span>
  );
};
