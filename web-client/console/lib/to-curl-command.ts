/** Quotes for a POSIX shell. Inside single quotes only a single quote needs escaping. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * A curl command for a read API path. The token is read from a shell variable, so that it appears neither in the
 * clipboard nor in the shell's history.
 */
export const toCurlCommand = (path: string): string =>
  `curl -sS -H "Authorization: Bearer $EDGELOG_READER_TOKEN" ${quote(new URL(path, location.origin).href)}`;
