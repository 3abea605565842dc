/**
 * Decompresses zstd (RFC 8878). `zstdDecompressSync` of Node.js and workerd returns the content of the first frame only, also if the data has
 * more frames, whose logs would be lost silently.
 */
import { constants, zstdDecompressSync } from "node:zlib";
import { joinBytes } from "../join-bytes.ts";

const MAGIC = 0xfd2f_b528;

/** Section 3.1.2: frames with any of 16 numbers are skipped. */
const SKIPPABLE_MAGIC = 0x184d_2a50;
const SKIPPABLE_MASK = 0xffff_fff0;

const RUN_LENGTH_BLOCK = 1;

/** RFC 9659: the content encoding `zstd` has a window of at most 8 MiB. */
const WINDOW_LOG_MAX = 23;

/** Each frame needs a new decoder. Senders write one frame, or a few. */
const MAX_FRAMES = 64;

const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CHECKSUM_BYTES = 4;

/** The end of the blocks that start at `start`. */
const endOfBlocks = (view: DataView, start: number): number => {
  let position = start;
  for (;;) {
    const header = view.getUint16(position, true) + view.getUint8(position + 2) * 65_536;
    const size = header >> 3;
    position += 3 + (((header >> 1) & 3) === RUN_LENGTH_BLOCK ? 1 : size);
    if ((header & 1) === 1) return position;
  }
};

/** Section 3.1.1. Throws a `RangeError` if the data end before the frame. */
const endOfFrame = (view: DataView, start: number): number => {
  const descriptor = view.getUint8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
  const windowBytes = isSingleSegment ? 0 : 1;
  const header = 5 + windowBytes + (DICTIONARY_ID_BYTES[descriptor & 3] ?? 0) + sizeBytes;
  return endOfBlocks(view, start + header) + ((descriptor & 0x04) === 0 ? 0 : CHECKSUM_BYTES);
};

const splitFrames = (body: Uint8Array): readonly Uint8Array[] => {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const frames: Uint8Array[] = [];
  let position = 0;
  while (position < body.byteLength) {
    const magic = view.getUint32(position, true);
    const isSkippable = (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC;
    if (!isSkippable && magic !== MAGIC) throw new Error("not a frame of zstd");
    const end = isSkippable ? position + 8 + view.getUint32(position + 4, true) : endOfFrame(view, position);
    if (end > body.byteLength) throw new Error("a frame of zstd is not complete");
    if (!isSkippable) frames.push(body.subarray(position, end));
    if (frames.length > MAX_FRAMES) throw new Error("too many frames of zstd");
    position = end;
  }
  return frames;
};

const readFrames = (body: Uint8Array): readonly Uint8Array[] => {
  try {
    return splitFrames(body);
  } catch (error) {
    // A RangeError of `DataView` would mean that the content is too large.
    throw new Error("The data are not zstd.", { cause: error });
  }
};

/**
 * The content of all frames.
 *
 * @throws A `RangeError` if the content is longer than `maxOutputLength`, and another error if the data are not zstd.
 */
export const unzstd = (body: Uint8Array, { maxOutputLength }: { readonly maxOutputLength: number }): Uint8Array => {
  const contents: Uint8Array[] = [];
  let length = 0;
  for (const frame of readFrames(body)) {
    const content = zstdDecompressSync(frame, {
      maxOutputLength: Math.max(1, maxOutputLength - length),
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
    });
    length += content.byteLength;
    if (length > maxOutputLength) throw new RangeError(`The content is longer than ${maxOutputLength} bytes.`);
    contents.push(content);
  }
  return joinBytes(contents, length);
};
