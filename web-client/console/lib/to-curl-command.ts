/** A command for a POSIX shell that asks the read API. */

/** Between single quotes a shell leaves everything as it is, but a single quote. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The token is a variable of the reader's shell: it stands neither in the clipboard nor in a history. */
export const toCurlCommand = (path: string): string =>
  `curl -sS -H "Authorization: Bearer $EDGELOG_READER_TOKEN" ${quote(new URL(path, location.origin).href)}`;
