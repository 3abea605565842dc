/**
 * Parses JSON from outside without a loss: checks its size first, and keeps the digits of numbers that a double cannot represent and
 * the values of equal keys.
 */
import type { Violation } from "#contract/wire/violation.ts";
import { scanJson } from "./check-json.ts";
import { readJson } from "./read-json.ts";

/** A parsed value. `violation`: the text exceeds a limit; without it, the text is not JSON. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly violation?: Violation };

const countKeysOf = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0;
  return Array.isArray(value) ? countKeysInList(value) : countKeys(value as Readonly<Record<string, unknown>>);
};

const countKeysInList = (list: readonly unknown[]): number => {
  let keys = 0;
  for (const value of list) keys += countKeysOf(value);
  return keys;
};

/** The number of keys of an object and of the objects in it. Values of JSON have no inherited keys. */
const countKeys = (object: Readonly<Record<string, unknown>>): number => {
  let keys = 0;
  for (const key in object) {
    keys += 1;
    const value = object[key];
    if (typeof value === "object") keys += countKeysOf(value);
  }
  return keys;
};

/** Python's `json.dumps` writes these. */
const NOT_FINITE = /NaN|Infinity/;

const parse = (text: string, keys: number): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    // Of equal keys, `JSON.parse` keeps the last value only.
    return countKeysOf(value) === keys ? value : readJson(text);
  } catch (error) {
    if (NOT_FINITE.test(text)) return readJson(text);
    throw error;
  }
};

/**
 * Parses a JSON text. Never throws. Numbers that a double cannot represent are instances of `ExactNumber`; `repairOf` returns what else
 * was changed in an object.
 */
export const parseJson = (text: string): ParsedJson => {
  const { violation, hasUnusualNumbers, keys } = scanJson(text);
  if (violation !== undefined) return { ok: false, violation };
  try {
    return { ok: true, value: hasUnusualNumbers ? readJson(text) : parse(text, keys) };
  } catch {
    return { ok: false };
  }
};
