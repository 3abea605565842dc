/**
 * Makes what is invisible in foreign text visible: control characters, escape sequences and marks of direction, with
 * which a log could hide or rearrange what a reader sees. Line feed, tab and the joiners of emoji stay.
 */

const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]/gu;

/** The ones that people know by name. */
const NAMES: Readonly<Record<string, string>> = {
  "\u0000": "NUL",
  "\u0007": "BEL",
  "\b": "BS",
  "\r": "CR",
  "\u001b": "ESC",
};

const toVisible = (character: string): string => {
  if (character === "\n" || character === "\t") return character;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `⟨${NAMES[character] ?? `U+${code}`}⟩`;
};

/** `text` for display, at most `maxLength` UTF-16 code units of it. */
export const visibleText = (text: string, maxLength = Number.POSITIVE_INFINITY): string => {
  const clipped = text.length > maxLength ? `${text.slice(0, maxLength).toWellFormed()}…` : text;
  return clipped.replace(INVISIBLE, toVisible);
};
