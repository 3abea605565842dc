/**
 * Decodes the bytes of a payload. Text with some invalid bytes is still text: the events around it are stored.
 */

/** A decoded payload. */
export interface DecodedText {
  readonly text: string;
  /** Whether invalid bytes were replaced with U+FFFD. */
  readonly isLossy: boolean;
}

/** Bytes at the start of a UTF-16 text. PowerShell and some Windows programs write it. */
const UTF_16_MARKS = [
  { bytes: [0xff, 0xfe], encoding: "utf-16le" },
  { bytes: [0xfe, 0xff], encoding: "utf-16be" },
] as const;

/** A payload with at least this share of replaced characters is binary. */
const MAX_REPLACED_SHARE = 0.5;

const createUtf8Decoder = (): TextDecoder => new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Used again after each success: creating a decoder takes longer than decoding a short text. */
let utf8Decoder = createUtf8Decoder();

/** Decodes UTF-8. Returns `undefined` if the bytes are not valid UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    // Without the state that the failure may have left.
    utf8Decoder = createUtf8Decoder();
    return undefined;
  }
};

type Utf16 = (typeof UTF_16_MARKS)[number]["encoding"];

/** The encoding of UTF-16 without a mark: the characters up to U+00FF, such as ASCII, have a zero byte each. `undefined` for any other bytes. */
const findUnmarkedUtf16 = (bytes: Uint8Array): Utf16 | undefined => {
  const [first, second] = bytes;
  // UTF-8 text does not start with such a pair, so nothing else is read of nearly all payloads.
  if ((first === 0) === (second === 0) || bytes.byteLength % 2 !== 0) return undefined;
  const isZeroByte = (byte: number, i: number): boolean => (byte === 0) === (i % 2 === (second === 0 ? 1 : 0));
  if (!bytes.every(isZeroByte)) return undefined;
  return second === 0 ? "utf-16le" : "utf-16be";
};

const findUtf16 = (bytes: Uint8Array): Utf16 | undefined => {
  const mark = UTF_16_MARKS.find(({ bytes: [first, second] }) => bytes[0] === first && bytes[1] === second);
  if (mark === undefined) return findUnmarkedUtf16(bytes);
  // Each ASCII character has a zero byte, and every log has one such character.
  return bytes.byteLength % 2 === 0 && bytes.includes(0) ? mark.encoding : undefined;
};

const decodeUtf16 = (bytes: Uint8Array): DecodedText | undefined => {
  const encoding = findUtf16(bytes);
  if (encoding === undefined) return undefined;
  const text = new TextDecoder(encoding).decode(bytes);
  return { text, isLossy: text.includes("\ufffd") };
};

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark or with a zero in every second byte. Invalid bytes become U+FFFD. Returns `undefined` for bytes that
 * are not text: not valid UTF-8, and with a zero byte or with as many invalid characters as valid ones.
 */
export const decodeText = (bytes: Uint8Array): DecodedText | undefined => {
  const utf16 = decodeUtf16(bytes);
  if (utf16 !== undefined) return utf16;
  const valid = decodeUtf8(bytes);
  if (valid !== undefined) return { text: valid, isLossy: false };
  if (bytes.includes(0)) return undefined;
  const text = new TextDecoder("utf-8").decode(bytes);
  const replaced = text.split("\ufffd").length - 1;
  return replaced >= text.length * MAX_REPLACED_SHARE ? undefined : { text, isLossy: true };
};
