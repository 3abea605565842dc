/**
 * Splits a body of JSON values into their texts: the elements of an array, or values with or without a line feed between them.
 */
import { endOfString } from "#contract/check/check-json.ts";

/** The texts of values on one line each: line feeds outside of strings are white space. */
const toLine = (json: string): string => json.replaceAll(/[\r\n]+/g, " ").trim();

/** Finds the line feeds that are followed by an object. Linear if the positions ascend. */
const findObjectLines = (text: string): ((from: number) => number) => {
  let next = -1;
  return (from) => {
    if (next < from) next = text.indexOf("\n{", from);
    if (next < 0) next = text.length;
    return next;
  };
};

/**
 * Returns the texts of the values. Text that is not JSON is returned as it is, in one piece up to the next line feed. So is a value
 * whose text does not end before a line with the next object. Linear, and without parsing.
 *
 * @param maxValues Stops after this number of values.
 */
export const splitJsonValues = (body: string, maxValues: number): readonly string[] => {
  const text = body.trim();
  const isList = text.startsWith("[");
  const values: string[] = [];
  let depth = isList ? -1 : 0;
  let start = 0;
  const nextObjectLine = findObjectLines(text);
  const add = (end: number): void => {
    const value = toLine(text.slice(start, end));
    if (value !== "" && value !== ",") values.push(value.replace(/^,\s*/, ""));
    start = end;
  };
  for (let i = 0; i < text.length && values.length < maxValues; i += 1) {
    const character = text.charAt(i);
    if (character === '"') {
      const line = nextObjectLine(i);
      i = Math.min(endOfString(text, i), line);
      if (i === line) {
        depth = 0;
        add(i);
      }
    } else if (character === "{" || character === "[") {
      depth += 1;
      if (isList && depth === 0) start = i + 1;
    } else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) add(i + 1);
      else if (isList && depth < 0) {
        add(i);
        const rest = toLine(text.slice(i + 1));
        return rest === "" ? values : [...values, rest];
      } else if (depth < 0) depth = 0;
    } else if (depth === 0 && (character === "," ? isList : character === "\n")) add(i);
  }
  if (values.length < maxValues) add(text.length);
  return values;
};
