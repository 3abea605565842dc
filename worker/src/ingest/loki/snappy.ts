/**
 * Decompresses snappy's block format, which Loki's clients use.
 *
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 */
import { Buffer } from "node:buffer";
import { uncompress } from "snappyjs";

/** Reads an integer of `count` bytes, the least significant first. */
const readInteger = (bytes: Uint8Array, start: number, count: number): number => {
  let value = 0;
  for (let i = 0; i < count; i += 1) value += (bytes[start + i] ?? 0) * 2 ** (8 * i);
  return value;
};

/**
 * The sum of the lengths of all elements, or `undefined` if an element is longer than the rest of the input. The library reads a
 * length above 2^31 as a negative number, and would then repeat the same element without end.
 */
const measureElements = (bytes: Uint8Array, from: number): number | undefined => {
  let length = 0;
  let position = from;
  while (position < bytes.byteLength) {
    const tag = bytes[position] ?? 0;
    position += 1;
    const kind = tag & 3;
    if (kind === 0) {
      const extraBytes = Math.max(0, (tag >>> 2) - 59);
      const literal = (extraBytes === 0 ? tag >>> 2 : readInteger(bytes, position, extraBytes)) + 1;
      position += extraBytes + literal;
      length += literal;
    } else {
      position += kind === 3 ? 4 : kind;
      length += kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    }
    if (position > bytes.byteLength) return undefined;
  }
  return length;
};

/** The number of bytes after decompression. `undefined` if the bytes are not snappy. */
const measure = (bytes: Uint8Array): number | undefined => {
  let [length, position] = [0, 0];
  for (let byte = 0x80; byte >= 0x80; position += 1) {
    byte = bytes[position] ?? 0x80;
    length += (byte & 0x7f) * 2 ** (7 * position);
    if (position >= 5) return undefined;
  }
  return measureElements(bytes, position) === length ? length : undefined;
};

/** `undefined` if the bytes are not snappy. `too_large` if they have more than `maxLength` bytes after decompression. Never throws. */
export const decompressSnappy = (bytes: Uint8Array, maxLength: number): Uint8Array | "too_large" | undefined => {
  const length = measure(bytes);
  if (length === undefined) return undefined;
  if (length > maxLength) return "too_large";
  try {
    return new Uint8Array(uncompress(Buffer.from(bytes), maxLength));
  } catch {
    return undefined;
  }
};
