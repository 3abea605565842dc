/**
 * Makes invisible characters of untrusted text visible: control characters, escape sequences and bidirectional controls,
 * which a log could use to hide or rearrange text. Line feed, tab and emoji joiners are kept.
 */
import { INVISIBLE_CHARACTERS } from "#contract/wire/escape-invisible.ts";

/** Characters with well-known names. */
const NAMES: Readonly<Record<string, string>> = {
  "\u0000": "NUL",
  "\u0007": "BEL",
  "\b": "BS",
  "\r": "CR",
  "\u001b": "ESC",
};

const toVisible = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `⟨${NAMES[character] ?? `U+${code}`}⟩`;
};

/** `text` for display, at most `maxLength` UTF-16 code units of it. */
export const visibleText = (text: string, maxLength = Number.POSITIVE_INFINITY): string => {
  const clipped = text.length > maxLength ? `${text.slice(0, maxLength).toWellFormed()}…` : text;
  return clipped.replaceAll(INVISIBLE_CHARACTERS, toVisible);
};
