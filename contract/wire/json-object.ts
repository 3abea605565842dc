/**
 * Objects of parsed JSON.
 */
import { ExactNumber } from "#contract/check/exact-number.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** True for an object, and false for null, arrays and numbers of any size. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

/** Sets a key, including `__proto__`. An object without a prototype would not need this, but is slower in V8. */
export const put = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
};
