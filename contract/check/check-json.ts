/**
 * Checks the size of a JSON text before it is parsed, in one pass over its characters and without allocations. Deep
 * nesting would exhaust the stack of later recursive code, and a text with a million members is slow to parse.
 */
import { MAX_JSON_DEPTH, MAX_JSON_MEMBERS } from "#contract/wire/limits.ts";
import type { Violation } from "#contract/wire/violation.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [MINUS, PLUS, DOT, ZERO, NINE, UPPER_E, LOWER_E] = [0x2d, 0x2b, 0x2e, 0x30, 0x39, 0x45, 0x65];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** A double represents every decimal number with 15 significant digits. */
const MAX_PLAIN_NUMBER_LENGTH = 15;

/** Position of the closing quote of the string that starts at `start`, or the text's length if there is no closing quote. */
export const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
};

const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;

/** Result of {@link scanJson}. */
export interface JsonScan {
  /** The first violation. Absent if the text is within the limits. */
  readonly violation?: Violation;
  /** Whether a number may not be representable as a double. `false` is certain. */
  readonly hasUnusualNumbers: boolean;
  /** Number of keys in a text that is JSON. */
  readonly keys: number;
}

const fail = (reason: Violation["reason"], message: string, limit: number): JsonScan => ({
  violation: { reason, message, limit },
  hasUnusualNumbers: false,
  keys: 0,
});

/** Scans a text before it is parsed. Does not validate: a text that is not JSON may pass. */
export const scanJson = (text: string): JsonScan => {
  let depth = 0;
  let members = 0;
  let keys = 0;
  let hasUnusualNumbers = false;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    switch (unit) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        members += 1;
        if (depth > MAX_JSON_DEPTH) {
          return fail("too_deep", `The payload is nested deeper than ${MAX_JSON_DEPTH} levels.`, MAX_JSON_DEPTH);
        }
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        members += 1;
        break;
      case COLON:
        keys += 1;
        break;
      default: {
        if (unit !== MINUS && !isDigit(unit)) break;
        const start = i;
        let isPlain = true;
        for (; i + 1 < text.length; i += 1) {
          const next = text.charCodeAt(i + 1);
          if (isDigit(next) || next === DOT) continue;
          if (next !== LOWER_E && next !== UPPER_E && next !== PLUS && next !== MINUS) break;
          isPlain = false;
        }
        // -0 is the only short number that changes.
        if (unit === MINUS && text.charCodeAt(start + 1) === ZERO) isPlain = false;
        if (!isPlain || i - start >= MAX_PLAIN_NUMBER_LENGTH) hasUnusualNumbers = true;
      }
    }
    if (members > MAX_JSON_MEMBERS) {
      return fail("too_many_attributes", `The payload has more than ${MAX_JSON_MEMBERS} values.`, MAX_JSON_MEMBERS);
    }
  }
  return { hasUnusualNumbers, keys };
};

/** Returns the first violation, or `undefined`. Does not validate: a text that is not JSON may pass. */
export const checkJson = (text: string): Violation | undefined => scanJson(text).violation;
