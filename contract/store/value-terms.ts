/**
 * Attribute values as terms of one keyword field, `edgelog.values`: `name TAB text` or `name LF number`. Numbers are
 * encoded in such a way that the terms sort in numeric order. A range of terms is then a range of numbers, a prefix
 * selects all values of an attribute, and the mapping does not grow with the number of attribute names. Pure.
 *
 * A number that a double cannot represent has the term of the next smaller double, followed by its digits.
 */
import { compareDecimals, ExactNumber, toDecimal, type Decimal } from "#contract/check/exact-number.ts";

/** The document's field that contains the terms. */
export const VALUES_FIELD = "edgelog.values";

const TEXT_MARK = "\t";
const NUMBER_MARK = "\n";

/** Longer strings, in UTF-16 code units, have no term. Searches find them, but facets do not count them. */
export const MAX_TERM_TEXT_LENGTH = 256;

/**
 * The digits of an encoded number, in ascending order of code points. The first of 13 digits has 4 bits of the double,
 * each other one 5.
 */
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef";
const DIGIT_COUNT = 13;
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

/** Scratch memory for one call. Creating it in each call would cost more than the rest of the encoding. */
const scratch = new DataView(new ArrayBuffer(8));

const toCode = (digit: number): number => (digit < 26 ? 65 : 71) + digit;

/** Encodes a number as 13 letters. `encodeNumber(a) < encodeNumber(b)` if and only if `a < b`. -0 is encoded as 0. */
export const encodeNumber = (value: number): string => {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  let [high, low] = [scratch.getUint32(0), scratch.getUint32(4)];
  // IEEE 754: with the sign bit set, positive numbers sort like their bits; negative numbers sort like their inverted bits.
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

/** The reverse of {@link encodeNumber}. NaN if the text does not start with an encoded number. */
export const decodeNumber = (text: string): number => {
  if (text.length < DIGIT_COUNT) return Number.NaN;
  let sortable = 0n;
  for (const digit of text.slice(0, DIGIT_COUNT)) {
    const value = DIGITS.indexOf(digit);
    if (value === -1) return Number.NaN;
    sortable = (sortable << 5n) | BigInt(value);
  }
  scratch.setBigUint64(0, (sortable & SIGN ? sortable ^ SIGN : sortable ^ ALL) & ALL);
  return scratch.getFloat64(0);
};

/** The next double below a number. */
const toSmaller = (value: number): number => {
  if (value === Number.POSITIVE_INFINITY) return Number.MAX_VALUE;
  if (value === 0) return -Number.MIN_VALUE;
  scratch.setFloat64(0, value);
  scratch.setBigUint64(0, scratch.getBigUint64(0) + (value > 0 ? -1n : 1n));
  return scratch.getFloat64(0);
};

/** Digits of an exponent in a term. Larger exponents have no term. */
const EXPONENT_LENGTH = 10;
const EXPONENT_OFFSET = 5e9;

/** Sorts after all digits: the digits of a larger negative number may be the start of those of a smaller one. */
const END = "~";

const toComplement = (digits: string): string => digits.replaceAll(/\d/g, (digit) => String(9 - Number(digit)));

/** Encodes a decimal in such a way that the texts of decimals with the same sign sort in numeric order. */
const encodeDecimal = ({ isNegative, digits, exponent }: Decimal): string => {
  const text = `${String(exponent + EXPONENT_OFFSET).padStart(EXPONENT_LENGTH, "0")}${digits}`;
  return isNegative ? `-${toComplement(text)}${END}` : `+${text}`;
};

/** The reverse of {@link encodeDecimal}, in JSON's notation. `undefined` if the text is not an encoded decimal. */
const decodeDecimal = (text: string): string | undefined => {
  const [, sign, encoded = ""] = /^([+-])(\d{11,})~?$/.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const plain = sign === "-" ? toComplement(encoded) : encoded;
  const exponent = Number(plain.slice(0, EXPONENT_LENGTH)) - EXPONENT_OFFSET;
  const digits = plain.slice(EXPONENT_LENGTH);
  const minus = sign === "-" ? "-" : "";
  if (exponent >= digits.length && exponent <= 40) return `${minus}${digits.padEnd(exponent, "0")}`;
  if (exponent > 0 && exponent < digits.length) {
    return `${minus}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
  }
  if (exponent <= 0 && exponent > -7) return `${minus}0.${"0".repeat(-exponent)}${digits}`;
  return `${minus}${digits[0]}${digits.length > 1 ? "." : ""}${digits.slice(1)}e${exponent - 1}`;
};

/**
 * Encodes a number in JSON's notation. Like {@link encodeNumber} if a double represents it; otherwise the texts of all
 * numbers still sort in numeric order. `undefined` for a text that is not a number, is longer than
 * {@link MAX_TERM_TEXT_LENGTH} or has an exponent of more than nine digits.
 */
export const encodeDigits = (text: string): string | undefined => {
  const decimal = text.length <= MAX_TERM_TEXT_LENGTH ? toDecimal(text) : undefined;
  if (decimal === undefined || Math.abs(decimal.exponent) >= 1e9) return undefined;
  const nearest = Number(text);
  const shown = Number.isFinite(nearest) ? toDecimal(String(nearest)) : undefined;
  const order = shown === undefined ? -nearest : compareDecimals(decimal, shown);
  if (order === 0) return encodeNumber(nearest);
  return `${encodeNumber(order < 0 ? toSmaller(nearest) : nearest)}${encodeDecimal(decimal)}`;
};

const hasMark = (name: string): boolean => name.includes(TEXT_MARK) || name.includes(NUMBER_MARK);

/**
 * The term of a value. `undefined` for a long string, for a name with a TAB or LF, and for a value that is not a string,
 * number or boolean.
 */
export const toValueTerm = (name: string, value: unknown): string | undefined => {
  if (hasMark(name)) return undefined;
  if (typeof value === "number") return `${name}${NUMBER_MARK}${encodeNumber(value)}`;
  if (typeof value === "string" && value.length <= MAX_TERM_TEXT_LENGTH) return `${name}${TEXT_MARK}${value}`;
  if (typeof value === "boolean") return `${name}${TEXT_MARK}${value}`;
  const encoded = value instanceof ExactNumber ? encodeDigits(value.digits) : undefined;
  return encoded === undefined ? undefined : `${name}${NUMBER_MARK}${encoded}`;
};

/** A term, parsed. A number that a double cannot represent is a text with its digits. */
export interface ValueTerm {
  readonly name: string;
  readonly value: string | number;
  readonly isNumber: boolean;
}

/** Parses a term. `undefined` if the text is not a term. */
export const readValueTerm = (term: string): ValueTerm | undefined => {
  const mark = term.search(/[\t\n]/);
  if (mark === -1) return undefined;
  const [name, rest] = [term.slice(0, mark), term.slice(mark + 1)];
  if (term[mark] === TEXT_MARK) return { name, value: rest, isNumber: false };
  const digits = decodeDecimal(rest.slice(DIGIT_COUNT));
  return { name, value: digits ?? decodeNumber(rest), isNumber: true };
};

/** A number, or its digits in JSON's notation if a double cannot represent it. */
export type TermNumber = number | string;

export interface NumberRange {
  readonly gt?: TermNumber;
  readonly gte?: TermNumber;
  readonly lt?: TermNumber;
  readonly lte?: TermNumber;
}

const encodeBound = (value: TermNumber): string =>
  typeof value === "number" ? encodeNumber(value) : (encodeDigits(value) ?? encodeNumber(Number(value)));

/** Converts a range of numbers to a range of terms. An open end is the smallest or largest number. */
export const toTermRange = (name: string, { gt, gte, lt, lte }: NumberRange): Readonly<Record<string, string>> => {
  const term = (value: TermNumber): string => `${name}${NUMBER_MARK}${encodeBound(value)}`;
  return {
    ...(gt === undefined ? { gte: term(gte ?? Number.NEGATIVE_INFINITY) } : { gt: term(gt) }),
    ...(lt === undefined ? { lte: term(lte ?? Number.POSITIVE_INFINITY) } : { lt: term(lt) }),
  };
};

/** Escapes the operators of Lucene's regular expressions, which include `#`, `@`, `&`, `<`, `>` and `~`. */
const escapeRegExp = (text: string): string => text.replaceAll(/[.?+*|{}[\]()"\\#@&<>~^$/-]/g, "\\$&");

/**
 * A Lucene regular expression for the terms of a name: for all of them, for strings that start with `prefix`, or for
 * numbers.
 */
export const toTermPattern = (
  name: string,
  only: { readonly prefix?: string; readonly numbers?: boolean } = {},
): string => {
  const mark =
    only.numbers === true ? NUMBER_MARK : only.prefix === undefined ? `[${TEXT_MARK}${NUMBER_MARK}]` : TEXT_MARK;
  return `${escapeRegExp(name)}${mark}${escapeRegExp(only.prefix ?? "")}.*`;
};

/** A Lucene regular expression for all texts that start with `prefix` and have at most `maxMore` more characters. */
export const toPrefixPattern = (prefix: string, maxMore?: number): string =>
  `${escapeRegExp(prefix)}${maxMore === undefined ? ".*" : `.{0,${maxMore}}`}`;
