/**
 * Checks the size of a JSON text before it is parsed, in one pass over its characters and without allocations. Deep
 * nesting would exhaust the stack of later recursive code, and a text with a million members is slow to parse.
 */
import { MAX_JSON_DEPTH, MAX_JSON_MEMBERS } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/violation.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Position of the closing quote of the string that starts at `start`, or the text's length if there is no closing quote. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
};

/** Returns the first violation, or `undefined`. Does not validate: a text that is not JSON may pass. */
export const checkJson = (text: string): Violation | undefined => {
  let depth = 0;
  let members = 0;
  for (let i = 0; i < text.length; i += 1) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        members += 1;
        if (depth > MAX_JSON_DEPTH) {
          return {
            reason: "too_deep",
            message: `The payload is nested deeper than ${MAX_JSON_DEPTH} levels.`,
            limit: MAX_JSON_DEPTH,
          };
        }
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        members += 1;
        break;
    }
    if (members > MAX_JSON_MEMBERS) {
      return {
        reason: "too_many_attributes",
        message: `The payload has more than ${MAX_JSON_MEMBERS} values.`,
        limit: MAX_JSON_MEMBERS,
      };
    }
  }
  return undefined;
};
