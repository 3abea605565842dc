/** Clients choose the names of fields. Error messages contain at most this many UTF-16 code units of a name. */
const MAX_SHOWN_LENGTH = 80;

/** Truncates a field name for an error message. */
export const shorten = (text: string): string =>
  text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
