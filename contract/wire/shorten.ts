/** Names of fields come from strangers: shown shortened, so that an error stays one line. */
const MAX_SHOWN_LENGTH = 80;

export const shorten = (text: string): string =>
  text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
