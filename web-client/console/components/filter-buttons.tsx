import type { JSX } from "preact";
import { MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { visibleText } from "../../shared/visible-text.ts";
import { filter, navigate } from "../address.ts";
import { hasValue, toggleValue } from "../lib/edit-query.ts";

interface FilterButtonsProps {
  /** Field name of the query language. */
  readonly field: string;
  readonly value: string;
}

/** Longer values would fill most of a query; they get no buttons. */
const MAX_LENGTH = MAX_QUERY_LENGTH / 4;

const BUTTONS = [
  ["include", "+", "Include"],
  ["exclude", "−", "Exclude"],
] as const;

/** Two buttons that include or exclude a value in the query. */
export const FilterButtons = ({ field, value }: FilterButtonsProps): JSX.Element | null => {
  if (value.length > MAX_LENGTH || field.length > MAX_LENGTH) return null;
  const { q } = filter.value;
  const name = `${visibleText(field, 40)}: ${visibleText(value, 60)}`;
  return (
    <span class="filter-buttons">
      {BUTTONS.map(([mode, sign, label]) => (
        <button
          key={mode}
          class="icon-button"
          type="button"
          aria-label={`${label} ${name}`}
          title={label}
          aria-pressed={hasValue(q, field, value, mode)}
          onClick={() => navigate({ filter: { q: toggleValue(q, field, value, mode) } })}
        >
          {sign}
        </button>
      ))}
    </span>
  );
};
