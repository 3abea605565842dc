/** A command for a POSIX shell that reads one log. */

/** Between single quotes a shell leaves everything as it is, but a single quote. */
const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The token is a variable of the reader's shell: it stands neither in the clipboard nor in a history. */
export const toCurl = (id: string): string => {
  const url = new URL("/search", location.origin);
  url.searchParams.set("q", `id:${id}`);
  return `curl -sS -H "Authorization: Bearer $EDGELOG_READER_TOKEN" ${quote(url.href)}`;
};
