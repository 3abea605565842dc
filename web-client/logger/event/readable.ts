/**
 * Recognises values that JSON cannot represent, and converts them to values that it can.
 */
import { host } from "../platform.ts";

/** Code for objects of the language and the browser. The delivery module provides it. */
export interface Late {
  _describe: (value: object) => unknown;
  /** Whether `_describe` was called before it was provided. */
  _isMissed?: boolean;
}

export const late: Late = {
  _describe(value) {
    late._isMissed = true;
    // The value is copied again later. String(value) would join all elements of a typed array.
    return {}.toString.call(value);
  },
};

/** The kind of a value, also of one from another realm, e.g. an iframe. `undefined` for a revoked Proxy. */
const tagOf = (value: unknown): string | undefined => {
  try {
    return value instanceof Error ? "Error" : {}.toString.call(value).slice(8, -1);
  } catch {
    return undefined;
  }
};

/** Whether a value is an Error or a DOMException. Never throws. */
export const isError = (value: unknown): value is Error => /(Error|Exception)$/.test(tagOf(value) as string);

/** Whether a value has properties to serialise. Errors are serialised as text. */
export const isObject = (value: unknown): value is object =>
  (value as boolean) && typeof value === "object" && !isError(value);

/** Whether a value is an object of the page, and not of the language or the browser. `null` and `undefined` are, too. */
export const isPlain = (value: unknown): boolean => {
  const tag = tagOf(value) as string; // `undefined` is the name of a global, too
  return tag === "Object" || !(tag in host);
};
