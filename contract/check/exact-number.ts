/**
 * Numbers that a double cannot represent: `738529527931269425`, `1e400`, `-0`. `JSON.parse` would change them silently, so
 * read-json.ts makes them an {@link ExactNumber} with the digits as sent.
 */

/** A decimal number: `0.{digits} × 10^{exponent}`. Zero has no digits. */
export interface Decimal {
  readonly isNegative: boolean;
  /** Without zeros at either end. */
  readonly digits: string;
  readonly exponent: number;
}

const JSON_NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Parses a number in JSON's notation. `undefined` for any other text, and for exponents that are not safe integers. */
export const toDecimal = (text: string): Decimal | undefined => {
  const [, sign, whole, fraction = "", power = "0"] = JSON_NUMBER.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const all = whole + fraction;
  let start = 0;
  while (all[start] === "0") start += 1;
  let end = all.length;
  while (end > start && all[end - 1] === "0") end -= 1;
  const exponent = start === end ? 0 : Number(power) + whole.length - start;
  if (!Number.isSafeInteger(exponent)) return undefined;
  return { isNegative: sign === "-", digits: all.slice(start, end), exponent };
};

/** Negative if `a < b`, positive if `a > b`, and zero if they are equal. -0 equals 0. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const signOf = ({ isNegative, digits }: Decimal): number => (digits === "" ? 0 : isNegative ? -1 : 1);
  const sign = signOf(a);
  if (sign !== signOf(b) || sign === 0) return sign - signOf(b);
  if (a.exponent !== b.exponent) return sign * (a.exponent - b.exponent);
  return a.digits === b.digits ? 0 : a.digits < b.digits ? -sign : sign;
};

/** Whether `JSON.stringify(value)` has the value of `text`, which `JSON.parse` turned into `value`. */
const isRepresented = (text: string, value: number): boolean => {
  const shown = String(value);
  if (shown === text) return true;
  const [sent, parsed] = [toDecimal(text), toDecimal(shown)];
  if (sent === undefined || parsed === undefined) return false;
  return sent.digits === "" ? !sent.isNegative : compareDecimals(sent, parsed) === 0;
};

/** A number that a double cannot represent. `JSON.stringify` writes it as a string. */
export class ExactNumber {
  /** The number as sent, in JSON's notation. */
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }

  toString(): string {
    return this.digits;
  }

  toJSON(): string {
    return this.digits;
  }
}

/**
 * Parses a number in JSON's notation, without a change of its value. `undefined` for any other text.
 */
export const toExactNumber = (text: string): number | ExactNumber | undefined => {
  if (toDecimal(text) === undefined) return undefined;
  const value = Number(text);
  return isRepresented(text, value) ? value : new ExactNumber(text);
};

/** Whether a JSON value contains an {@link ExactNumber}. */
export const hasExactNumber = (value: unknown): boolean => {
  if (value instanceof ExactNumber) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasExactNumber);
};
