/** Ends a text that was cut, so that nobody takes it for the whole. */
export const CUT_MARK = "…[cut]";

/** `text` with at most `maxLength` UTF-16 code units (or the mark alone), and never with half a character at its end. */
export const cut = (text: string, maxLength: number): string =>
  text.length > maxLength ? text.slice(0, Math.max(0, maxLength - CUT_MARK.length)).toWellFormed() + CUT_MARK : text;
