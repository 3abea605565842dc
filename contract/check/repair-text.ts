/**
 * Replaces text that is not valid Unicode. OpenSearch's analyzers find no word in a text with half of a surrogate pair, and
 * JSON with such a half is not valid UTF-8.
 */
import { put } from "#contract/wire/json-object.ts";

/** U+FFFD, the replacement character. */
const REPLACEMENT = "\ufffd";

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * Whether strings of a JSON text may contain half of a surrogate pair. `false` is certain: decoding replaces them, so
 * only an escape sequence can create one.
 */
export const mayHaveLoneSurrogates = (json: string): boolean => json.includes("\\u") && SURROGATE_ESCAPE.test(json);

/** Whether a JSON value contains U+FFFD in one of its strings or keys. */
export const hasReplacement = (value: unknown): boolean => {
  if (typeof value === "string") return value.includes(REPLACEMENT);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, each]) => key.includes(REPLACEMENT) || hasReplacement(each));
};

/** Two keys may become equal. The later one gets a number, so that no value is lost. */
const toFreeKey = (key: string, taken: ReadonlySet<string>, counts: Map<string, number>): string => {
  const repaired = key.toWellFormed();
  let count = counts.get(repaired) ?? 0;
  const free = (): string => (count === 0 ? repaired : `${repaired}${REPLACEMENT}${count}`);
  while (taken.has(free())) count += 1;
  counts.set(repaired, count + 1);
  return free();
};

const isWellFormed = (value: unknown): boolean => {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, each]) => key.isWellFormed() && isWellFormed(each));
};

const repairObject = (object: object): object => {
  const taken = new Set(Object.keys(object).filter((key) => key.isWellFormed()));
  const counts = new Map<string, number>();
  const repaired: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(object)) {
    const freeKey = key.isWellFormed() ? key : toFreeKey(key, taken, counts);
    taken.add(freeKey);
    put(repaired, freeKey, repair(each));
  }
  return repaired;
};

const isPlain = (value: object): boolean => Object.getPrototypeOf(value) === Object.prototype;

const repair = (value: unknown): unknown => {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(repair);
  return typeof value === "object" && value !== null && isPlain(value) ? repairObject(value) : value;
};

/**
 * Replaces each half of a surrogate pair in the strings and keys of a JSON value with U+FFFD. Returns the same value if there
 * is nothing to replace. The recursion is bounded by the nesting that `checkJson` allows.
 */
export const repairText = <T>(value: T): T => (isWellFormed(value) ? value : (repair(value) as T));
