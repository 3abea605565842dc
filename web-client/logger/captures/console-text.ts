/**
 * What a console would show of the values that it is given, as text.
 */

/** One value. */
export const textOf = (value: unknown): string => {
  if (typeof value === "string" || value instanceof Error) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "[unreadable]";
  }
};

/** Replaces `%s` and the like in the first value by those that follow; returns the text and what is left of them. */
export const fillIn = (values: readonly unknown[]): readonly [text: string | undefined, rest: readonly unknown[]] => {
  const [first, ...rest] = values;
  if (typeof first !== "string") return [undefined, values];
  if (rest.length === 0) return [first, rest];
  const text = first.replace(/%([%cdfijoOs])/g, (mark, kind: string) => {
    if (kind === "%") return kind;
    if (rest.length === 0) return mark;
    const value = rest.shift();
    return kind === "c" ? "" : textOf(value); // %c is for a style
  });
  return [text, rest];
};

/** All values as one line. */
export const lineOf = (values: readonly unknown[]): string => {
  const [text, rest] = fillIn(values);
  return [...(text === undefined ? [] : [text]), ...rest.map(textOf)].join(" ");
};
