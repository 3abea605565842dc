import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { filter, go } from "../address.ts";

const TYPING_PAUSE_MS = 250;

interface SearchBoxProps {
  /** Id of what says that the query can't be read, where it can't. */
  readonly errorId: string | undefined;
}

/** The query as it is typed. What is typed from one focus to the next is one step to go Back. */
export const SearchBox = ({ errorId }: SearchBoxProps): JSX.Element => {
  const input = useRef<HTMLInputElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isNewStep = useRef(true);
  const { q } = filter.value;

  useEffect(() => {
    clearTimeout(typing.current);
    if (input.current && input.current.value.trim() !== q) input.current.value = q;
  }, [q]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, select") !== null) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const take = (): void => {
    clearTimeout(typing.current);
    go({ filter: { q: input.current?.value.trim() ?? "" } }, isNewStep.current);
    isNewStep.current = false;
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <input
        class="field"
        ref={input}
        type="search"
        placeholder="Search the logs ( / )"
        aria-label="Search the logs"
        aria-invalid={errorId !== undefined}
        aria-describedby={errorId}
        autocomplete="off"
        spellcheck={false}
        defaultValue={q}
        onFocus={() => (isNewStep.current = true)}
        onInput={() => {
          clearTimeout(typing.current);
          typing.current = setTimeout(take, TYPING_PAUSE_MS);
        }}
      />
    </form>
  );
};
