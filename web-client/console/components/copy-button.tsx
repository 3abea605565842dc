import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";

const CONFIRMATION_MS = 1_500;

interface CopyButtonProps {
  /** The text to copy; a function if it is expensive to build. */
  readonly text: string | (() => string);
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Copies a text and confirms it on the button. */
export const CopyButton = ({ text, class: name = "button small", children }: CopyButtonProps): JSX.Element => {
  const [confirmation, setConfirmation] = useState<string | undefined>(undefined);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : text());
      setConfirmation("Copied");
    } catch {
      // Permission denied, or no secure context: the text can still be selected and copied manually.
      setConfirmation("Copy failed");
    }
    setTimeout(() => setConfirmation(undefined), CONFIRMATION_MS);
  };
  return (
    <button class={name} type="button" onClick={() => void copy()}>
      <span aria-live="polite">{confirmation ?? children}</span>
    </button>
  );
};
