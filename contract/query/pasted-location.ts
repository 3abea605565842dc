/** Recognises positions in source code and paths in pasted text, whose colons do not follow the name of a field. Pure. */

/** File names of source code, as in stack traces. */
const SOURCE_FILE =
  /\.(?:java|kt|kts|groovy|scala|clj|dart|swift|m|mm|js|mjs|cjs|jsx|ts|mts|cts|tsx|vue|svelte|html?|css|py|rb|php|go|rs|c|cc|cpp|cxx|h|hpp|cs|fs|vb|ex|exs|erl|lua|pl|sql|sh)$/i;

/** Whether a name looks like a source file. Such a name of an attribute must be quoted: `"Foo.java":42`. */
export const isSourceFile = (name: string): boolean => SOURCE_FILE.test(name);

/** The text up to the next space, parenthesis or quote. */
const VALUE = /^[^\s()"]*/;

/** A path with the number of a line, and perhaps of a column: `my_app/main.dart:12:5`. A backslash makes the colon part of a value. */
const PATH_AND_LINE = /^(?![a-z][a-z0-9+.-]*:\/\/).*\/.*[^\\]:\d+[,;.]?$/i;

/**
 * Whether `name:rest` is a location: `Foo.java:42`, `package:my_app/main.dart:12:5`, `C:\temp\a.txt`.
 *
 * @param rest The text after the colon, to the end of the query.
 */
export const isPastedLocation = (name: string, rest: string): boolean => {
  const [value = ""] = VALUE.exec(rest) ?? [];
  if (isSourceFile(name)) return /^\d/.test(value);
  if (/^[a-z]$/i.test(name) && /^\\[^\\]/.test(value)) return true;
  if (/^[A-Z]$/.test(name) && value.startsWith("/")) return true;
  return PATH_AND_LINE.test(value);
};
