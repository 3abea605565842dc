/**
 * Formats the arguments of a console call as text.
 */
import { textOf } from "../event/copy-event.ts";

/** Replaces `%s` and other placeholders in the first value; returns the text and the values that are left. */
export const format = (values: readonly unknown[]): readonly [text: string | undefined, rest: readonly unknown[]] => {
  const [first, ...rest] = values;
  if (typeof first !== "string") return [undefined, values];
  if (rest.length === 0) return [first, rest];
  const text = first.replace(/%([%cdfijoOs])/g, (placeholder, kind: string) => {
    if (kind === "%") return kind;
    if (rest.length === 0) return placeholder;
    const value = rest.shift();
    return kind === "c" ? "" : textOf(value); // %c is a style
  });
  return [text, rest];
};

/** All values as one line. */
export const lineOf = (values: readonly unknown[]): string => {
  const [text, rest] = format(values);
  return [...(text === undefined ? [] : [text]), ...rest.map(textOf)].join(" ");
};
