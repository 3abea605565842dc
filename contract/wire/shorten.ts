/** Maximum length of a field name in an error message, in UTF-16 code units: clients choose these names. */
const MAX_SHOWN_LENGTH = 80;

/** Truncates a field name for an error message. */
export const shorten = (text: string): string =>
  text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
