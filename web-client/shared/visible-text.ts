/**
 * Makes what is invisible in foreign text visible: control characters, escape sequences and marks of direction, with
 * which a log could hide or rearrange what a reader sees. Line feed, tab and the joiners of emoji stay.
 */
import { INVISIBLE_CHARACTERS } from "#contract/wire/escape-invisible.ts";

/** The ones that people know by name. */
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
