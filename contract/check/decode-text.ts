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

const decodeUtf16 = (bytes: Uint8Array): DecodedText | undefined => {
  const mark = UTF_16_MARKS.find(({ bytes: [first, second] }) => bytes[0] === first && bytes[1] === second);
  // Each ASCII character has a zero byte, and every log has one such character.
  if (mark === undefined || bytes.byteLength % 2 !== 0 || !bytes.includes(0)) return undefined;
  const text = new TextDecoder(mark.encoding).decode(bytes);
  return { text, isLossy: text.includes("\ufffd") };
};

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark. Invalid bytes become U+FFFD. Returns `undefined` for bytes that are not
 * text: with a zero byte, or with as many invalid characters as valid ones.
 */
export const decodeText = (bytes: Uint8Array): DecodedText | undefined => {
  const valid = decodeUtf8(bytes);
  if (valid !== undefined) return { text: valid, isLossy: false };
  const utf16 = decodeUtf16(bytes);
  if (utf16 !== undefined) return utf16;
  if (bytes.includes(0)) return undefined;
  const text = new TextDecoder("utf-8").decode(bytes);
  const replaced = text.split("\ufffd").length - 1;
  return replaced >= text.length * MAX_REPLACED_SHARE ? undefined : { text, isLossy: true };
};
