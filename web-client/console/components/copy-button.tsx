import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

const SHOWN_MS = 1_500;

interface CopyButtonProps {
  /** What is copied; a function where it takes work to make. */
  readonly text: string | (() => string);
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Copies a text, and says so. */
export const CopyButton = ({ text, class: name = "button small", children }: CopyButtonProps): JSX.Element => {
  const [news, setNews] = useState<string | undefined>(undefined);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setNews("Copied");
    } catch {
      // Denied, or a page without TLS: the text can still be marked by hand.
      setNews("Not allowed to copy");
    }
    setTimeout(() => setNews(undefined), SHOWN_MS);
  };
  return (
    <button class={name} type="button" onClick={() => void copy()}>
      <span aria-live="polite">{news ?? children}</span>
    </button>
  );
};
