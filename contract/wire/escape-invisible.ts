/**
 * Characters that are invisible or reorder the text around them: controls and escape sequences, bidirectional marks, line
 * separators, soft hyphens, zero-width characters and tags. A log could use them to hide text or to control a terminal.
 * Line feed, tab and the joiners of emoji are not included.
 */
export const INVISIBLE_CHARACTERS =
  /(?![\n\t])[\p{Cc}\p{Bidi_Control}\u00ad\u200b\u2028\u2029\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]/gu;

/**
 * Escapes invisible characters as in JSON, so that untrusted text is safe to print in a terminal.
 *
 * @example
 * ```ts
 * escapeInvisible("\u001b[31mred"); // String.raw`\u001b[31mred`
 * ```
 */
export const escapeInvisible = (text: string): string =>
  text.replaceAll(INVISIBLE_CHARACTERS, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
