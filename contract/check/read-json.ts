/**
 * Reads JSON that `JSON.parse` cannot read, or would read with a loss: an object that has a key twice, a number that a double cannot
 * represent, and the `NaN`, `Infinity` and `-Infinity` that Python writes.
 */
import type { Change } from "#contract/wire/change.ts";
import { MAX_EQUAL_KEYS } from "#contract/wire/limits.ts";
import { put } from "#contract/wire/json-object.ts";
import { endOfString } from "./check-json.ts";
import { ExactNumber, toExactNumber } from "./exact-number.ts";
import { FreeNames } from "./free-names.ts";

/** The changes to an object when it was parsed. */
export interface JsonRepair {
  /** Those to the object, and to the objects in it. */
  readonly changes: ReadonlySet<Change>;
  /** The new names of keys that the object had already. */
  readonly renamed: readonly string[];
}

const repairs = new WeakMap<object, JsonRepair>();

/** Returns the changes to an object when it was parsed. `undefined` for nearly all objects. */
export const repairOf = (object: object): JsonRepair | undefined => repairs.get(object);

const [SPACE, TAB, LINE_FEED, CARRIAGE_RETURN] = [0x20, 0x09, 0x0a, 0x0d];

const isWhiteSpace = (unit: number): boolean =>
  unit === SPACE || unit === LINE_FEED || unit === CARRIAGE_RETURN || unit === TAB;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /-?[A-Za-z]+/y;
/** Without escaped and control characters. */
const PLAIN_STRING = /^"[ !#-[\]-\uffff]*"$/;
const NOT_FINITE = /^(?:NaN|-?Infinity)$/;

/**
 * Like `JSON.parse`, except: the first of equal keys keeps its name, and each other one gets a number; of more than
 * {@link MAX_EQUAL_KEYS} in an object, the rest is left out. A number that a double cannot
 * represent becomes an `ExactNumber`. `NaN`, `Infinity` and `-Infinity` become texts. Several times slower, and recursive: the caller
 * bounds the nesting.
 *
 * @throws SyntaxError if the text is not JSON.
 */
export const readJson = (text: string): unknown => {
  let position = 0;
  let changes = new Set<Change>();
  const read = (pattern: RegExp): string => {
    pattern.lastIndex = position;
    const found = pattern.exec(text)?.[0] ?? "";
    position += found.length;
    return found;
  };
  const skipWhiteSpace = (): void => {
    while (isWhiteSpace(text.charCodeAt(position))) position += 1;
  };
  /** Reads one of these characters, after white space. Returns an empty text if another one is next. */
  const readOne = (characters: string): string => {
    skipWhiteSpace();
    const next = text.charAt(position);
    if (next === "" || !characters.includes(next)) return "";
    position += 1;
    return next;
  };
  const expect = (characters: string): string => {
    const found = readOne(characters);
    if (found === "") throw new SyntaxError(`There is none of ${characters} at position ${position}.`);
    return found;
  };
  const readString = (): string => {
    const start = position - 1;
    position = endOfString(text, start) + 1;
    const quoted = text.slice(start, position);
    return PLAIN_STRING.test(quoted) ? quoted.slice(1, -1) : (JSON.parse(quoted) as string);
  };
  const readObject = (): unknown => {
    const outer = changes;
    changes = new Set();
    const object: Record<string, unknown> = {};
    const later: (readonly [key: string, value: unknown])[] = [];
    const renamed: string[] = [];
    const isTaken = (name: string): boolean => Object.hasOwn(object, name);
    for (let next = readOne("}"); next !== "}"; next = expect(",}")) {
      expect('"');
      const key = readString();
      expect(":");
      const value = readValue();
      if (!isTaken(key)) put(object, key, value);
      else later.push([key, value]);
    }
    const names = later.length > 0 ? new FreeNames() : undefined;
    for (const [key, value] of later.slice(0, MAX_EQUAL_KEYS)) {
      const name = names?.find(key, isTaken) ?? key;
      put(object, name, value);
      renamed.push(name);
    }
    if (renamed.length > 0) changes.add("key_renamed");
    if (changes.size > 0) repairs.set(object, { changes, renamed });
    for (const change of changes) outer.add(change);
    changes = outer;
    return object;
  };
  const readArray = (): unknown => {
    const array: unknown[] = [];
    for (let next = readOne("]"); next !== "]"; next = expect(",]")) array.push(readValue());
    return array;
  };
  const readValue = (): unknown => {
    switch (readOne('"{[')) {
      case '"':
        return readString();
      case "{":
        return readObject();
      case "[":
        return readArray();
    }
    const digits = read(NUMBER);
    if (digits !== "") {
      const number = Number(digits);
      return String(number) === digits ? number : (toExactNumber(digits) ?? new ExactNumber(digits));
    }
    const word = read(WORD);
    if (!NOT_FINITE.test(word)) return JSON.parse(word);
    changes.add("number_as_text");
    return word;
  };
  const value = readValue();
  skipWhiteSpace();
  if (position < text.length) throw new SyntaxError(`The value ends at position ${position}.`);
  return value;
};
