/**
 * Attributes as terms of one keyword field, `edgelog.values`: `name TAB text`, and `name LF number` with the number
 * written so that terms sort as numbers do. A range of terms is then a range of numbers, a prefix is all values of a
 * name, and the mapping does not grow with the names that senders think of. Pure.
 */

/** Where the terms stand in a document. */
export const VALUES_FIELD = "edgelog.values";

const TEXT_MARK = "\t";
const NUMBER_MARK = "\n";

/** Longer texts are found by searching, and not counted by value. */
export const MAX_TERM_TEXT_LENGTH = 256;

/** Thirteen digits hold the 64 bits of a double: four bits, then five each. In the order of their code points. */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
const DIGIT_COUNT = 13;
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/** Written and read within one call; it is here because making one costs more than the rest of the encoding. */
const scratch = new DataView(new ArrayBuffer(8));

const toCode = (digit: number): number => (digit < 26 ? 65 : 71) + digit;

/** Thirteen letters; `encodeNumber(a) < encodeNumber(b)` when, and only when, `a < b`. -0 is 0. */
export const encodeNumber = (value: number): string => {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  let [high, low] = [scratch.getUint32(0), scratch.getUint32(4)];
  // IEEE 754: positive numbers sort as their bits once the sign is set, negative ones in reverse.
  if (high >>> 31 === 0) high |= 0x8000_0000;
  else [high, low] = [~high, ~low];
  return String.fromCharCode(
    toCode(high >>> 28),
    toCode((high >>> 23) & 31),
    toCode((high >>> 18) & 31),
    toCode((high >>> 13) & 31),
    toCode((high >>> 8) & 31),
    toCode((high >>> 3) & 31),
    toCode(((high & 7) << 2) | (low >>> 30)),
    toCode((low >>> 25) & 31),
    toCode((low >>> 20) & 31),
    toCode((low >>> 15) & 31),
    toCode((low >>> 10) & 31),
    toCode((low >>> 5) & 31),
    toCode(low & 31),
  );
};

/** The number behind {@link encodeNumber}; NaN for what is none. */
export const decodeNumber = (text: string): number => {
  if (text.length !== DIGIT_COUNT) return Number.NaN;
  let sortable = 0n;
  for (const digit of text) {
    const value = DIGITS.indexOf(digit);
    if (value === -1) return Number.NaN;
    sortable = (sortable << 5n) | BigInt(value);
  }
  scratch.setBigUint64(0, (sortable & SIGN ? sortable ^ SIGN : sortable ^ ALL) & ALL);
  return scratch.getFloat64(0);
};

const hasMark = (name: string): boolean => name.includes(TEXT_MARK) || name.includes(NUMBER_MARK);

/** The term of a value; `undefined` for one that is not counted: a long text, or a name with a TAB or LF in it. */
export const toValueTerm = (name: string, value: unknown): string | undefined => {
  if (hasMark(name)) return undefined;
  if (typeof value === "number") return `${name}${NUMBER_MARK}${encodeNumber(value)}`;
  if (typeof value === "string" && value.length <= MAX_TERM_TEXT_LENGTH) return `${name}${TEXT_MARK}${value}`;
  return typeof value === "boolean" ? `${name}${TEXT_MARK}${value}` : undefined;
};

/** A term read back; `undefined` for what is none. */
export const readValueTerm = (term: string): { readonly name: string; readonly value: string | number } | undefined => {
  const mark = term.search(/[\t\n]/);
  if (mark === -1) return undefined;
  const [name, rest] = [term.slice(0, mark), term.slice(mark + 1)];
  return { name, value: term[mark] === TEXT_MARK ? rest : decodeNumber(rest) };
};

export interface NumberRange {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
}

/** The range of terms that is this range of numbers; an open end reaches to the last number of the name. */
export const toTermRange = (name: string, { gt, gte, lt, lte }: NumberRange): Readonly<Record<string, string>> => {
  const term = (value: number): string => `${name}${NUMBER_MARK}${encodeNumber(value)}`;
  return {
    ...(gt === undefined ? { gte: term(gte ?? Number.NEGATIVE_INFINITY) } : { gt: term(gt) }),
    ...(lt === undefined ? { lte: term(lte ?? Number.POSITIVE_INFINITY) } : { lt: term(lt) }),
  };
};

/** Lucene's regular expressions have more operators than most. */
const escapeRegExp = (text: string): string => text.replaceAll(/[.?+*|{}[\]()"\\#@&<>~^$/-]/g, "\\$&");

/** A Lucene regular expression for all terms of a name, or for its texts that begin with `prefix`, or for its numbers. */
export const toTermPattern = (
  name: string,
  only: { readonly prefix?: string; readonly numbers?: boolean } = {},
): string => {
  const mark =
    only.numbers === true ? NUMBER_MARK : only.prefix === undefined ? `[${TEXT_MARK}${NUMBER_MARK}]` : TEXT_MARK;
  return `${escapeRegExp(name)}${mark}${escapeRegExp(only.prefix ?? "")}.*`;
};

/** A Lucene regular expression for all texts that begin so. */
export const toPrefixPattern = (prefix: string): string => `${escapeRegExp(prefix)}.*`;
