import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { parseQuery } from "#contract/query/parse.ts";
import { filter, navigate } from "../address.ts";
import { formatCount } from "../lib/format-number.ts";
import { complete, completionAt, type Completion } from "./completion.ts";
import { SuggestionList, toOptionId } from "./suggestion-list.tsx";
import { useSuggestions, type Suggestion } from "./use-suggestions.ts";
import "./search-box.css";

/** Whether the name of a field is being typed. A word that is only part of a name finds nothing. */
export const isTypingField = signal(false);

const TYPING_PAUSE_MS = 250;
const LIST_ID = "search-suggestions";

interface SearchBoxProps {
  /** Id of the element with the query's syntax error, if there is one. */
  readonly errorId: string | undefined;
}

/**
 * Input for the query, with suggestions for fields and values. A typed query is applied after a short pause. Everything
 * typed between focus and blur is one history entry.
 */
export const SearchBox = ({ errorId }: SearchBoxProps): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isNewEntry = useRef(true);
  /** Whether the text was edited since it was applied. The input strips the line feeds of a query from the address. */
  const isEdited = useRef(false);
  const [completion, setCompletion] = useState<Completion | undefined>(undefined);
  const [active, setActive] = useState(-1);
  /** Number of characters above the limit of a query, after text was pasted. */
  const [excess, setExcess] = useState(0);
  const suggestions = useSuggestions(completion);
  const isOpen = completion !== undefined && suggestions.length > 0;
  const { q } = filter.value;
  useEffect(() => {
    isTypingField.value = isOpen && completion.kind === "field";
    return () => {
      isTypingField.value = false;
    };
  }, [isOpen, completion?.kind]);
  /** The query that this box applied last. Text typed since then is newer and must not be overwritten. */
  const applied = useRef(q);

  useEffect(() => {
    if (q === applied.current) return;
    applied.current = q;
    clearTimeout(timer.current);
    isEdited.current = false;
    if (input.current) input.current.value = q;
  }, [q]);
  useEffect(() => () => clearTimeout(timer.current), []);
  // A layout effect runs in the same task as the render. An effect runs a frame later, and a key pressed in between
  // would be lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, select, dialog") !== null) return;
      event.preventDefault();
      const element = input.current;
      element?.focus();
      // The caret of an input that had no focus yet is before the text.
      element?.setSelectionRange(element.value.length, element.value.length);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const apply = (): void => {
    clearTimeout(timer.current);
    // Chromium also fires `blur` when a focused input is removed with its page.
    if (input.current === null || !isEdited.current) return;
    const text = input.current.value.trim();
    setExcess(Math.max(text.length - MAX_QUERY_LENGTH, 0));
    if (text.length > MAX_QUERY_LENGTH) return;
    isEdited.current = false;
    applied.current = text;
    navigate({ filter: { q: applied.current } }, isNewEntry.current);
    isNewEntry.current = false;
  };
  /** Updates the suggestions. `isRequested`: suggest fields even where nothing is typed yet. */
  const suggest = (isRequested = false): void => {
    const { value = "", selectionStart } = input.current ?? {};
    const caret = selectionStart ?? 0;
    const isBlank = /^\s?$/.test(value.slice(caret - 1, caret));
    setActive(-1);
    setCompletion(
      completionAt(value, caret) ??
        (isRequested && isBlank ? { kind: "field", start: caret, end: caret, typed: "" } : undefined),
    );
  };
  const close = (): void => {
    setCompletion(undefined);
    setActive(-1);
  };
  const choose = ({ text }: Suggestion): void => {
    const element = input.current;
    if (element === null || completion === undefined) return;
    const completed = complete(element.value, completion, text);
    element.value = completed.text;
    isEdited.current = true;
    element.setSelectionRange(completed.caret, completed.caret);
    if (completion.kind === "value") {
      close();
      apply();
    } else suggest();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const activeSuggestion = suggestions[active];
    if (event.key === "Escape" && isOpen) close();
    else if (event.key === "Escape") input.current?.blur();
    else if (event.key === "ArrowDown" && !isOpen) suggest(true);
    else if (event.key === "ArrowDown") setActive((active + 1) % suggestions.length);
    else if (event.key === "ArrowUp" && isOpen) setActive(active <= 0 ? suggestions.length - 1 : active - 1);
    else if (event.key === "Enter" && isOpen && activeSuggestion !== undefined) choose(activeSuggestion);
    else if (event.key === "Tab" && isOpen && !event.shiftKey && activeSuggestion !== undefined)
      choose(activeSuggestion);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        close();
        apply();
      }}
    >
      <input
        class="field"
        ref={input}
        type="text"
        inputMode="search"
        role="combobox"
        aria-label="Search logs"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={isOpen ? LIST_ID : undefined}
        aria-activedescendant={isOpen && active >= 0 ? toOptionId(LIST_ID, active) : undefined}
        aria-invalid={errorId !== undefined}
        aria-describedby={errorId}
        placeholder="Search: words, level:error, user.id:42, duration:>500"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        defaultValue={q}
        onFocus={() => (isNewEntry.current = true)}
        onBlur={() => {
          close();
          // A term without a value is not applied while typing (see onInput), but it is on blur.
          apply();
        }}
        onKeyDown={onKeyDown}
        onInput={(event) => {
          isEdited.current = true;
          suggest();
          clearTimeout(timer.current);
          const { value } = event.currentTarget;
          // Do not report a missing value while the user is about to choose one.
          const isUnfinished = !parseQuery(value).ok && completionAt(value, value.length)?.kind === "value";
          if (!isUnfinished) timer.current = setTimeout(apply, TYPING_PAUSE_MS);
        }}
      />
      {excess > 0 && (
        <p class="search-excess error-message small" role="alert">
          The text has {formatCount(MAX_QUERY_LENGTH + excess)} characters; a query may have at most{" "}
          {formatCount(MAX_QUERY_LENGTH)}. Shorten it to search.
        </p>
      )}
      {isOpen && <SuggestionList id={LIST_ID} suggestions={suggestions} active={active} onChoose={choose} />}
    </form>
  );
};
