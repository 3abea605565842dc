import type { JSX } from "preact";
import { visibleText } from "../../shared/visible-text.ts";
import { TextWithCode } from "./text-with-code.tsx";

interface UntrustedTextProps {
  /** Any value from a log; objects are shown as JSON. */
  readonly text: unknown;
  /** Maximum length in UTF-16 code units. */
  readonly max?: number;
  readonly class?: string;
  /** Whether backticks mark code, as in the Worker's messages. Default: false. */
  readonly hasCode?: boolean;
}

/** Shows text from logs: without markup, with its own text direction, and with invisible characters made visible. */
export const UntrustedText = ({ text, max = 300, class: name = "", hasCode }: UntrustedTextProps): JSX.Element => {
  const shown = visibleText(typeof text === "string" ? text : (JSON.stringify(text) ?? ""), max);
  return (
    <span class={`untrusted ${name}`} dir="auto">
      {hasCode === true ? <TextWithCode text={shown} /> : shown}
    </span>
  );
};
