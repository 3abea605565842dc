const UUID_LENGTH = 36;
const HYPHEN = "-".charCodeAt(0);

/** The value of each hexadecimal digit, by its character code. Other characters have {@link NO_DIGIT}. */
const NO_DIGIT = 255;
const HEX_VALUES = new Uint8Array(128).fill(NO_DIGIT);
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16);
  HEX_VALUES[digit.charCodeAt(0)] = value;
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/**
 * Whether a value is a string in the format of a UUID, of any version and in upper or lower case. A regular expression takes
 * half as long again, and a message with one event has five such checks.
 */
export const isUuid = (value: unknown): value is string => {
  if (typeof value !== "string" || value.length !== UUID_LENGTH) return false;
  for (let i = 0; i < UUID_LENGTH; i += 1) {
    const unit = value.charCodeAt(i);
    const isValid = i === 8 || i === 13 || i === 18 || i === 23 ? unit === HYPHEN : (HEX_VALUES[unit] ?? NO_DIGIT) < 16;
    if (!isValid) return false;
  }
  return true;
};

/**
 * The number in a part of a UUID that has no hyphen, like `Number.parseInt(id.slice(start, end), 16)` and several times
 * faster. `id` must be a UUID.
 */
export const readHex = (id: string, start: number, end: number): number => {
  let number = 0;
  for (let i = start; i < end; i += 1) number = number * 16 + (HEX_VALUES[id.charCodeAt(i)] ?? 0);
  return number;
};
