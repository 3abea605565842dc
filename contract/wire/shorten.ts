/** Maximum length of a field name in an error message, in UTF-16 code units: clients choose these names. */
const MAX_SHOWN_LENGTH = 80;

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/**
 * The first `maxLength` UTF-16 code units of a text, or one less if the last character would be cut into two halves.
 *
 * @example
 * ```ts
 * truncate("a😀", 2); // "a"
 * ```
 */
export const truncate = (text: string, maxLength: number): string => {
  if (text.length <= maxLength) return text;
  return text.slice(0, isHighSurrogate(text.charCodeAt(maxLength - 1)) ? maxLength - 1 : maxLength);
};

/** Truncates a field name for an error message. */
export const shorten = (text: string): string =>
  text.length > MAX_SHOWN_LENGTH ? `${truncate(text, MAX_SHOWN_LENGTH)}…` : text;
