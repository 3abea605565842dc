import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { MAX_QUERY_LENGTH } from "#contract/wire/limits.ts";
import { parseQuery } from "#contract/query/parse.ts";
import { filter, navigate } from "../address.ts";
import { complete, completionAt, type Completion } from "./completion.ts";
import { SuggestionList, toOptionId } from "./suggestion-list.tsx";
import { useSuggestions, type Suggestion } from "./use-suggestions.ts";
import "./search-box.css";

const TYPING_PAUSE_MS = 250;
const LIST_ID = "search-suggestions";

interface SearchBoxProps {
  /** Id of what says that the query can't be read, where it can't. */
  readonly errorId: string | undefined;
}

/** The query as it is typed, with fields and values to choose from. From one focus to the next is one step to go Back. */
export const SearchBox = ({ errorId }: SearchBoxProps): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isNewStep = useRef(true);
  const [completion, setCompletion] = useState<Completion | undefined>(undefined);
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(completion);
  const isOpen = completion !== undefined && suggestions.length > 0;
  const { q } = filter.value;
  /** The query that the box stands for: what was typed since is newer, and stays. */
  const taken = useRef(q);

  useEffect(() => {
    if (q === taken.current) return;
    taken.current = q;
    clearTimeout(typing.current);
    if (input.current) input.current.value = q;
  }, [q]);
  // A layout effect runs in the same task as the render. An effect runs one frame later: a "/" in between would be lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, select, dialog") !== null) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const take = (): void => {
    clearTimeout(typing.current);
    taken.current = input.current?.value.trim() ?? "";
    navigate({ filter: { q: taken.current } }, isNewStep.current);
    isNewStep.current = false;
  };
  /** `isAsked`: fields are offered where nothing is typed yet, too. */
  const look = (isAsked = false): void => {
    const { value = "", selectionStart } = input.current ?? {};
    const caret = selectionStart ?? 0;
    const isBlank = /^\s?$/.test(value.slice(caret - 1, caret));
    setActive(-1);
    setCompletion(
      completionAt(value, caret) ??
        (isAsked && isBlank ? { kind: "field", start: caret, end: caret, typed: "" } : undefined),
    );
  };
  const close = (): void => {
    setCompletion(undefined);
    setActive(-1);
  };
  const choose = ({ text }: Suggestion): void => {
    const element = input.current;
    if (element === null || completion === undefined) return;
    const done = complete(element.value, completion, text);
    element.value = done.text;
    element.setSelectionRange(done.caret, done.caret);
    if (completion.kind === "value") {
      close();
      take();
    } else look();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const chosen = suggestions[active];
    if (event.key === "Escape" && isOpen) close();
    else if (event.key === "Escape") input.current?.blur();
    else if (event.key === "ArrowDown" && !isOpen) look(true);
    else if (event.key === "ArrowDown") setActive((active + 1) % suggestions.length);
    else if (event.key === "ArrowUp" && isOpen) setActive(active <= 0 ? suggestions.length - 1 : active - 1);
    else if (event.key === "Enter" && isOpen && chosen !== undefined) choose(chosen);
    else if (event.key === "Tab" && isOpen && !event.shiftKey && chosen !== undefined) choose(chosen);
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
        take();
      }}
    >
      <input
        class="field"
        ref={input}
        type="text"
        inputMode="search"
        role="combobox"
        aria-label="Search the logs"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={isOpen ? LIST_ID : undefined}
        aria-activedescendant={isOpen && active >= 0 ? toOptionId(LIST_ID, active) : undefined}
        aria-invalid={errorId !== undefined}
        aria-describedby={errorId}
        placeholder="Search: words, level:error, user.id:42, duration:>500"
        maxLength={MAX_QUERY_LENGTH}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        defaultValue={q}
        onFocus={() => (isNewStep.current = true)}
        onBlur={() => {
          close();
          // What waited for its value is what is meant now.
          if (input.current?.value.trim() !== filter.value.q) take();
        }}
        onKeyDown={onKeyDown}
        onInput={(event) => {
          look();
          clearTimeout(typing.current);
          const { value } = event.currentTarget;
          // Whoever is about to choose a value need not be told that it is missing.
          const isUnfinished = !parseQuery(value).ok && completionAt(value, value.length)?.kind === "value";
          if (!isUnfinished) typing.current = setTimeout(take, TYPING_PAUSE_MS);
        }}
      />
      {isOpen && <SuggestionList id={LIST_ID} suggestions={suggestions} active={active} onTake={choose} />}
    </form>
  );
};
