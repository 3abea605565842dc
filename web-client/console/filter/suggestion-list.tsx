import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";
import type { Suggestion } from "./use-suggestions.ts";

interface SuggestionListProps {
  readonly id: string;
  readonly suggestions: readonly Suggestion[];
  /** Index of the suggestion that Enter inserts; −1 if none is active. */
  readonly active: number;
  readonly onChoose: (suggestion: Suggestion) => void;
}

const MAX_TEXT = 80;

export const toOptionId = (listId: string, index: number): string => `${listId}-${index}`;

/** Options below the search box. The focus stays in the box. */
export const SuggestionList = ({ id, suggestions, active, onChoose }: SuggestionListProps): JSX.Element => (
  <ul class="suggestions card" id={id} role="listbox" aria-label="Suggestions">
    {suggestions.map((suggestion, index) => (
      <li
        key={suggestion.text}
        id={toOptionId(id, index)}
        role="option"
        aria-selected={index === active}
        onMouseDown={(event) => {
          event.preventDefault();
          onChoose(suggestion);
        }}
      >
        <span class="untrusted">{visibleText(suggestion.text, MAX_TEXT)}</span>
        <span class="muted small">{suggestion.note}</span>
      </li>
    ))}
  </ul>
);
