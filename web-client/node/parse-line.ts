/**
 * Parses lines of JSON without changing their numbers.
 */
import { ExactNumber, toExactNumber } from "#contract/check/exact-number.ts";
import { parseJson } from "../logger/parse-json.ts";

/** A double represents all numbers without an exponent and with less characters, except `-0`. */
const MAY_BE_INEXACT = /[-.\d]{16}|\d[Ee]|-0/;
/** The strings and numbers of a JSON text. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.Ee+-]*/g;

/**
 * The value of a line of JSON, `undefined` if it is not JSON. A number that a double cannot represent becomes a string with its digits,
 * as on the server. Node.js 20 does not pass the digits to a reviver.
 */
export const parseLine = (line: string): unknown => {
  const value = parseJson(line);
  if (value === undefined || !MAY_BE_INEXACT.test(line)) return value;
  return parseJson(
    line.replace(STRING_OR_NUMBER, (text) => (toExactNumber(text) instanceof ExactNumber ? `"${text}"` : text)),
  );
};
