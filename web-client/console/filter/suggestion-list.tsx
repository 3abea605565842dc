import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";
import type { Suggestion } from "./use-suggestions.ts";

interface SuggestionListProps {
  readonly id: string;
  readonly suggestions: readonly Suggestion[];
  /** Index of the one that Enter takes; −1 for none. */
  readonly active: number;
  readonly onTake: (suggestion: Suggestion) => void;
}

const MAX_TEXT = 80;

export const toOptionId = (listId: string, index: number): string => `${listId}-${index}`;

/** The options of the search box. The focus stays in the box. */
export const SuggestionList = ({ id, suggestions, active, onTake }: SuggestionListProps): JSX.Element => (
  <ul class="suggestions card" id={id} role="listbox" aria-label="Suggestions">
    {suggestions.map((suggestion, index) => (
      <li
        key={suggestion.text}
        id={toOptionId(id, index)}
        role="option"
        aria-selected={index === active}
        onMouseDown={(event) => {
          event.preventDefault();
          onTake(suggestion);
        }}
      >
        <span class="untrusted">{visibleText(suggestion.text, MAX_TEXT)}</span>
        <span class="muted small">{suggestion.note}</span>
      </li>
    ))}
  </ul>
);
