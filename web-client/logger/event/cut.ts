/** Marks the end of a text that was cut. */
export const CUT_MARK = "…[cut]";

/** At most `maxLength` UTF-16 code units of `text` (or the mark alone), never ending inside a character. */
export const cut = (text: string, maxLength: number): string =>
  text.length > maxLength ? text.slice(0, Math.max(0, maxLength - CUT_MARK.length)).toWellFormed() + CUT_MARK : text;
