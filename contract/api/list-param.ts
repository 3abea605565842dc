/**
 * Query parameters that are lists of names: repeated, or separated by commas. Names of attributes may contain commas. Without zod: the console
 * may import it.
 */

/** Separates the names: `a,b` is two names, `a\,b` is one with a comma, and `\\` is a backslash. */
export const splitList = (text: string): string[] => {
  const names = [""];
  for (const [part] of text.matchAll(/\\[\\,]|[^]/g)) {
    if (part === ",") names.push("");
    else names.push(`${names.pop() ?? ""}${part.length === 2 ? part[1] : part}`);
  }
  return names;
};

/** The reverse of {@link splitList}. */
export const joinList = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll(/[\\,]/g, String.raw`\$&`)).join(",");
