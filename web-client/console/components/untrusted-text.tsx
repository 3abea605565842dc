import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";

interface UntrustedTextProps {
  /** From a log: anything at all. */
  readonly text: unknown;
  /** UTF-16 code units. */
  readonly max?: number;
  readonly class?: string;
}

/** Text that a stranger wrote: never markup, isolated in direction, what is invisible made visible. */
export const UntrustedText = ({ text, max = 300, class: name = "" }: UntrustedTextProps): JSX.Element => (
  <span class={`untrusted ${name}`} dir="auto">
    {visibleText(typeof text === "string" ? text : (JSON.stringify(text) ?? ""), max)}
  </span>
);
