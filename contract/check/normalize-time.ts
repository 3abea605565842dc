/**
 * Converts the times that clients send to the two forms of the schema, without losing nanoseconds: milliseconds since 1970,
 * or RFC 3339.
 */
import { ExactNumber, toDecimal } from "./exact-number.ts";

/** A time in a form that the schema accepts. */
export interface NormalizedTime {
  readonly time: number | string;
  /** Nanoseconds after the millisecond, from 0 to 999,999. */
  readonly nanos: number;
  /** Whether the unit of a number was not milliseconds. */
  readonly isConverted: boolean;
}

/**
 * Units of a number by the digits of its integer part. Numbers of a unit cover the years 1973 to 5138, so units do not
 * overlap. Smaller numbers are milliseconds of January 2, 1970 or earlier.
 */
const UNITS = [
  { maxDigits: 8, toMsPower: 0 },
  { maxDigits: 11, toMsPower: 3 },
  { maxDigits: 14, toMsPower: 0 },
  { maxDigits: 17, toMsPower: -3 },
  { maxDigits: 20, toMsPower: -6 },
] as const;

const NANOS_DIGITS = 6;

const toDigits = (text: string, from: number, to: number): string => text.slice(from, to).padEnd(to - from, "0");

const normalizeNumber = (text: string): NormalizedTime | undefined => {
  const decimal = toDecimal(text);
  if (decimal === undefined || decimal.isNegative) return undefined;
  const { digits, exponent } = decimal;
  const unit = UNITS.find(({ maxDigits }) => exponent <= maxDigits);
  if (unit === undefined) return undefined;
  const msDigits = exponent + unit.toMsPower;
  const aligned = msDigits < 0 ? "0".repeat(Math.min(-msDigits, NANOS_DIGITS)) + digits : digits;
  const start = Math.max(msDigits, 0);
  return {
    time: start === 0 ? 0 : Number(toDigits(aligned, 0, start)),
    nanos: Number(toDigits(aligned, start, start + NANOS_DIGITS)),
    isConverted: unit.toMsPower !== 0,
  };
};

/** Milliseconds as a plain number: the most frequent form. */
const isMilliseconds = (time: number): boolean =>
  Number.isSafeInteger(time) && time >= 0 && (time < 1e8 || (time >= 1e11 && time < 1e14));

/** RFC 3339 has the date and time in upper case and an offset with a colon. ISO 8601 allows the other forms, too. */
const ISO_8601 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d+))? ?(?:([Zz])|([+-]\d\d)(?::?(\d\d))?)$/;

const SUB_MILLISECONDS = /\.\d{3}(\d{1,6})/;

const normalizeText = (text: string): NormalizedTime | undefined => {
  if (/^\d+(?:\.\d+)?$/.test(text)) return normalizeNumber(text);
  let time = text;
  if (text[10] !== "T" || text.includes(",") || !/(?:Z|:\d\d)$/.test(text)) {
    const [, date, clock, fraction, zulu, hours = "", minutes = "00"] = ISO_8601.exec(text) ?? [];
    if (date === undefined) return undefined;
    const offset = zulu === undefined ? `${hours}:${minutes}` : "Z";
    time = `${date}T${clock}${fraction === undefined ? "" : `.${fraction}`}${offset}`;
  }
  const [, digits] = time.length > 24 ? (SUB_MILLISECONDS.exec(time) ?? []) : [];
  return {
    time,
    nanos: digits === undefined ? 0 : Number(digits.padEnd(NANOS_DIGITS, "0")),
    isConverted: false,
  };
};

/** `undefined` for a value that is not a time. */
export const normalizeTime = (sent: unknown): NormalizedTime | undefined => {
  if (typeof sent === "string") return normalizeText(sent);
  if (sent instanceof ExactNumber) return normalizeNumber(sent.digits);
  if (typeof sent !== "number") return undefined;
  return isMilliseconds(sent) ? { time: sent, nanos: 0, isConverted: false } : normalizeNumber(String(sent));
};
