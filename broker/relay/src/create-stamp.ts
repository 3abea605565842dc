/**
 * Creates stamps: UUIDs of version 7 (RFC 9562, 5.7), in ascending order within a millisecond.
 *
 * The package `uuid` requests 16 random bytes from the system and joins 20 strings for each UUID; together that took a tenth
 * of the relay's CPU time.
 */
import { randomFillSync } from "node:crypto";

/**
 * A clock that was set back by more than this was wrong before. Stamps then start again at the corrected time: the Worker
 * refuses stamps that are ahead of its clock. After a smaller step they continue in ascending order.
 */
const MAX_CLOCK_STEP_MS = 1_000;

/** Random bytes in one UUID, and at the start of a millisecond also those of the counter. */
const RANDOM_BYTES = 6;
const COUNTER_BYTES = 4;

/** Random bytes; those before `used` are spent. */
const pool = Buffer.alloc(4_096);
let used = pool.length;

const takeRandom = (bytes: number): number => {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.readUIntBE(used - bytes, bytes);
};

let lastMs = 0;
/** Counts within `lastMs` (RFC 9562, 6.2, method 1). Starts below 2^31, so 32 bits are sufficient for a second. */
let counter = 0;

const HEX = Array.from({ length: 16 }, (_, digit) => digit.toString(16).charCodeAt(0));
const text = Buffer.from("00000000-0000-7000-8000-000000000000", "latin1");

/** Writes the lowest `digits` hexadecimal digits of `value` in front of position `end`. */
const writeHex = (value: number, digits: number, end: number): void => {
  let rest = value;
  for (let i = end - 1; i >= end - digits; i -= 1) {
    text[i] = HEX[rest & 15] ?? 0;
    rest >>>= 4;
  }
};

/** @param nowMs Unix time in milliseconds. */
export const createStamp = (nowMs: number): string => {
  if (nowMs > lastMs || nowMs < lastMs - MAX_CLOCK_STEP_MS) {
    lastMs = nowMs;
    counter = takeRandom(COUNTER_BYTES) >>> 1;
    writeHex(Math.floor(nowMs / 0x1_0000), 8, 8);
    writeHex(nowMs % 0x1_0000, 4, 13);
  } else counter += 1;
  // 12 bits after the version, 14 after the variant, and 6 before 42 random bits.
  writeHex(counter >>> 20, 3, 18);
  writeHex(0x80_00 | ((counter >>> 6) & 0x3f_ff), 4, 23);
  const random = takeRandom(RANDOM_BYTES);
  writeHex(((counter & 0x3f) << 10) | (Math.floor(random / 0x1_0000_0000) & 0x3_ff), 4, 28);
  writeHex(random >>> 0, 8, 36);
  return text.toString("latin1");
};
