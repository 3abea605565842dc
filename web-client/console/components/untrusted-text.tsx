import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";

interface UntrustedTextProps {
  /** Any value from a log; objects are shown as JSON. */
  readonly text: unknown;
  /** Maximum length in UTF-16 code units. */
  readonly max?: number;
  readonly class?: string;
}

/** Shows text from logs: without markup, with its own text direction, and with invisible characters made visible. */
export const UntrustedText = ({ text, max = 300, class: name = "" }: UntrustedTextProps): JSX.Element => (
  <span class={`untrusted ${name}`} dir="auto">
    {visibleText(typeof text === "string" ? text : (JSON.stringify(text) ?? ""), max)}
  </span>
);
