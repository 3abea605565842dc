/** Quotas as text: `5GB`, `500`, `none`. */
import { StackError } from "../lib/stack-error.ts";

const UNITS = ["B", "KB", "MB", "GB", "TB"] as const;
const UNIT_FACTOR = 1_000;

/** In options: removes a quota. */
export const NO_QUOTA = "none";

/** Parses a number of bytes with a decimal unit, for instance `5GB`, `1.5TB` or `800000`. Throws for any other text. */
export const parseBytes = (text: string): number => {
  const [, digits, unit = "B"] = /^(\d+(?:\.\d+)?) ?([KMGT]?B)?$/i.exec(text) ?? [];
  const power = UNITS.findIndex((each) => each === unit.toUpperCase());
  const bytes = Math.round(Number(digits) * UNIT_FACTOR ** power);
  if (!Number.isSafeInteger(bytes) || bytes < 1) {
    throw new StackError(`${text} is not a number of bytes: use for instance 800MB, 5GB or ${NO_QUOTA}.`);
  }
  return bytes;
};

/** Parses a whole number of at least 1. Throws for any other text. */
export const parseCount = (text: string): number => {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new StackError(`${text} is not a whole number above 0: use for instance 500 or ${NO_QUOTA}.`);
  }
  return count;
};
